import type { BaseServer } from './base-server.js'

/** `any[]` is what TypeScript asks of the class a mix-in extends. */
export type Constructor<T> = new (...args: any[]) => T

/** What can be mixed into: any server class, ready-made or yours. */
export type ServerClass = Constructor<BaseServer<any>>

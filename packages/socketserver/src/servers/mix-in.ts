import type { BaseServer } from './base-server.js'

/** TypeScript demands `any[]` of the class that a mix-in extends. */
export type Constructor<T> = new (...args: any[]) => T

/** Any server class: mix-ins can extend all of them, ready-made or yours. */
export type ServerClass = Constructor<BaseServer<any>>

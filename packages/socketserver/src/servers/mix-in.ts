import type { BaseServer } from './base-server.js'

/** A class to mix into: any server class, ready-made or yours. */
// biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for any[] in the constructor of a mix-in's base
export type Constructor<T> = new (...args: any[]) => T

export type ServerClass = Constructor<BaseServer>

import { LOGIN_METHODS, type LoginMethodName } from './login-method.js'

/**
 * Which ways to log in are offered. Every thread reads it for its HELLO, and it may change while the server runs, so
 * it is one byte for each method in memory that all threads share.
 */
export class MethodOffer {
  readonly memory: SharedArrayBuffer
  readonly #flags: Uint8Array

  /** `memory` is that of the main thread's MethodOffer. */
  constructor(memory = new SharedArrayBuffer(LOGIN_METHODS.length)) {
    this.memory = memory
    this.#flags = new Uint8Array(memory)
  }

  get names(): LoginMethodName[] {
    return LOGIN_METHODS.filter((_name, index) => Atomics.load(this.#flags, index) === 1)
  }

  set(offered: Readonly<Record<LoginMethodName, boolean>>): void {
    for (const [index, name] of LOGIN_METHODS.entries()) {
      Atomics.store(this.#flags, index, offered[name] ? 1 : 0)
    }
  }
}

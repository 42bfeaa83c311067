import type { Deadlines } from './deadline.js'

/** Deadlines in memory that all threads share, because they may be changed while sessions run. */
export class SharedDeadlines implements Deadlines {
  readonly memory: SharedArrayBuffer
  /** Milliseconds. */
  readonly #values: Int32Array

  /** `memory` is that of the main thread's SharedDeadlines. */
  constructor(memory = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#values = new Int32Array(memory)
  }

  get loginMs(): number {
    return Atomics.load(this.#values, 0)
  }

  get idleMs(): number {
    return Atomics.load(this.#values, 1)
  }

  get stallMs(): number {
    return Atomics.load(this.#values, 2)
  }

  set({ loginMs, idleMs, stallMs }: Deadlines): void {
    for (const [index, ms] of [loginMs, idleMs, stallMs].entries()) Atomics.store(this.#values, index, ms)
  }
}

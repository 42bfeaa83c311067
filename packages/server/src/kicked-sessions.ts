/** How many sessions are remembered. One that is forgotten before its thread has looked ends without a word. */
const SLOTS = 1024

/**
 * The numbers of the sessions that somebody has ended from outside, in memory that all threads share. Each thread looks
 * there once a second. A question to the main thread that each session leaves open would take memory in both threads.
 */
export class KickedSessions {
  readonly memory: SharedArrayBuffer
  /** How many were added in all, and then the numbers of the latest ones. */
  readonly #count: Int32Array
  readonly #numbers: Int32Array
  #seen = 0

  /** `memory` is that of the main thread's KickedSessions. */
  constructor(memory = new SharedArrayBuffer((1 + SLOTS) * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#count = new Int32Array(memory, 0, 1)
    this.#numbers = new Int32Array(memory, Int32Array.BYTES_PER_ELEMENT)
  }

  /** To be called in the main thread only. */
  add(session: number): void {
    const count = Atomics.load(this.#count, 0)
    Atomics.store(this.#numbers, count % SLOTS, session)
    Atomics.store(this.#count, 0, count + 1)
  }

  has(session: number): boolean {
    return this.#numbers.includes(session)
  }

  /** The latest numbers if some were added since the last call. */
  news(): ReadonlySet<number> | undefined {
    const count = Atomics.load(this.#count, 0)
    if (count === this.#seen) return undefined
    this.#seen = count
    return new Set(this.#numbers)
  }
}

interface Entry {
  count: number
  /** When the last failure came, by the clock of the caller, in ms. */
  last: number
  /** When the attempt that waits longest may be made. */
  nextTurn: number
}

/**
 * Counts failures by a key and forgets them after a time without any. It holds a bounded number of keys: if there are
 * more, those whose last failure is the longest ago are forgotten first.
 */
export class RecentFailures {
  /** In milliseconds. */
  forgetAfter: number
  readonly #maxKeys: number
  /** The key whose last failure is the longest ago comes first. */
  readonly #entries = new Map<string, Entry>()

  constructor(forgetAfter: number, maxKeys: number) {
    this.forgetAfter = forgetAfter
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#entries.size
  }

  count(key: string, now: number): number {
    const entry = this.#entries.get(key)
    if (entry === undefined) return 0
    if (now - entry.last < this.forgetAfter) return entry.count
    this.#entries.delete(key)
    return 0
  }

  /**
   * Attempts of one key take turns that are `delay` milliseconds apart. Returns how long the next attempt has to wait. Its
   * turn is reserved unless that is more than `patience`.
   */
  reserve(key: string, delay: number, patience: number, now: number): number {
    const entry = this.#entries.get(key)
    if (entry === undefined) return 0
    const turn = Math.max(now, entry.nextTurn) + delay
    if (turn - now <= patience) entry.nextTurn = turn
    return turn - now
  }

  /** Returns how many there are now. */
  add(key: string, now: number): number {
    const count = this.count(key, now) + 1
    const nextTurn = this.#entries.get(key)?.nextTurn ?? now
    this.#entries.delete(key)
    this.#entries.set(key, { count, last: now, nextTurn })
    if (this.#entries.size > this.#maxKeys) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    return count
  }

  forget(key: string): void {
    this.#entries.delete(key)
  }
}

/**
 * Requests that have come and not yet been taken, oldest first. Node accepts connections by itself, so this
 * queue stands where Python has the kernel's backlog.
 */
export class ArrivalQueue<T> {
  readonly #arrivals: T[] = []
  #wakeUps: (() => void)[] = []

  get size(): number {
    return this.#arrivals.length
  }

  push(arrival: T): void {
    this.#arrivals.push(arrival)
    this.wake()
  }

  shift(): T | undefined {
    return this.#arrivals.shift()
  }

  /** Resolves at the next `push` or `wake`. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#wakeUps.push(resolve))
  }

  /** Makes whoever waits in `changed` look again. */
  wake(): void {
    const wakeUps = this.#wakeUps
    this.#wakeUps = []
    for (const wakeUp of wakeUps) wakeUp()
  }
}

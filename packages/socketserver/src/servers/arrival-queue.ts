/**
 * Requests that have come and are not taken yet, oldest first. Node accepts connections by itself, so they wait in
 * this queue; in Python they wait in the kernel's backlog.
 */
export class ArrivalQueue<T> {
  /** Called when there may be more room than before. */
  onRoom: (() => void) | undefined
  readonly #arrivals: T[] = []
  #wakeUps: (() => void)[] = []

  get size(): number {
    return this.#arrivals.length
  }

  /** The arrival that `shift` would return. */
  get oldest(): T | undefined {
    return this.#arrivals[0]
  }

  push(arrival: T): void {
    this.#arrivals.push(arrival)
    this.#wake()
  }

  shift(): T | undefined {
    const arrival = this.#arrivals.shift()
    this.onRoom?.()
    return arrival
  }

  /** Resolves at the next `push` or `wake`. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#wakeUps.push(resolve))
  }

  /** Resolves the promises of `changed`, so that those who wait check their condition again. */
  wake(): void {
    this.#wake()
    this.onRoom?.()
  }

  #wake(): void {
    const wakeUps = this.#wakeUps
    this.#wakeUps = []
    for (const wakeUp of wakeUps) wakeUp()
  }
}

/**
 * Requests that have come and not yet been taken, oldest first. Node accepts connections by itself, so this
 * queue stands where Python has the kernel's backlog.
 */
export class ArrivalQueue<T> {
  /** Called when there may be more room than before. */
  onRoom: (() => void) | undefined
  readonly #arrivals: T[] = []
  #wakeUps: (() => void)[] = []

  get size(): number {
    return this.#arrivals.length
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

  /** Makes whoever waits in `changed` look again. */
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

/** The requests that are being handled. */
export class LiveRequests<Request> {
  readonly #requests = new Set<Request>()
  #idle: (() => void)[] = []

  get size(): number {
    return this.#requests.size
  }

  [Symbol.iterator](): Iterator<Request> {
    return this.#requests.values()
  }

  add(request: Request): void {
    this.#requests.add(request)
  }

  delete(request: Request): void {
    this.#requests.delete(request)
    if (this.#requests.size > 0) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  /** Resolves as soon as there are none. */
  async ended(): Promise<void> {
    if (this.#requests.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }
}

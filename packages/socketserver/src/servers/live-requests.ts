import type { RunningRequest } from './running-request.js'

/** The requests that are being handled. */
export class LiveRequests<Request> {
  readonly #running = new Map<Request, RunningRequest<Request>>()
  #idle: (() => void)[] = []

  get size(): number {
    return this.#running.size
  }

  [Symbol.iterator](): Iterator<Request> {
    return this.#running.keys()
  }

  add(request: Request, running: RunningRequest<Request>): void {
    this.#running.set(request, running)
  }

  delete(request: Request): void {
    this.#running.delete(request)
    if (this.#running.size > 0) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  /** Resolves as soon as no request is left. */
  async ended(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  cutAll(why: string): void {
    for (const running of this.#running.values()) running.cut(why)
  }
}

import type { RunningRequest } from './running-request.js'

/** The requests that are being handled. */
export class LiveRequests {
  readonly #running = new Map<unknown, RunningRequest>()
  #idle: (() => void)[] = []

  get size(): number {
    return this.#running.size
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#running.keys()
  }

  add(request: unknown, running: RunningRequest): void {
    this.#running.set(request, running)
  }

  delete(request: unknown): void {
    this.#running.delete(request)
    if (this.#running.size > 0) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  /** Resolves as soon as there are none. */
  async ended(): Promise<void> {
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  cutAll(why: string): void {
    for (const running of this.#running.values()) running.cut(why)
  }
}

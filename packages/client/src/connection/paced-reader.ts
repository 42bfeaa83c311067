import type { RateLimit } from '@jftp/transfer'

/**
 * Milliseconds between the PINGs that are sent while a rate limit holds back reading. The server would otherwise take
 * a client that reads nothing for one that is gone, and close the connection.
 */
const PING_INTERVAL = 500

export interface PacedReaderOptions {
  hold(reader: object): void
  release(reader: object): void
  sendPing(): void
}

/** Delays reading from a connection so that a rate limit is kept. */
export class PacedReader {
  readonly #options: PacedReaderOptions
  #timer: NodeJS.Timeout | undefined
  #lastPing = performance.now()
  limit: RateLimit | undefined

  constructor(options: PacedReaderOptions) {
    this.#options = options
  }

  /** Call this when bytes were read. Reading stops until the rate limit allows more. */
  took(bytes: number): void {
    const wait = this.limit?.reserve(bytes) ?? 0
    // A timer can't wait for less than 1 ms. The limit adds such a wait to the next one.
    if (wait < 1 || this.#timer !== undefined) return
    this.#options.hold(this)
    this.#timer = setTimeout(() => this.stop(), wait)
    const now = performance.now()
    if (now - this.#lastPing < PING_INTERVAL) return
    this.#lastPing = now
    this.#options.sendPing()
  }

  /** Ends the delay, so that reading goes on at once. */
  stop(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#options.release(this)
  }
}

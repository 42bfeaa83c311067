import type { RateLimit } from '@jftp/transfer'

/**
 * While this side reads slowly because of its own limit, the server gets a PING after each of these many ms: to it,
 * a client that takes nothing looks like one that is gone.
 */
const SIGN_OF_LIFE = 500

export interface PacedReaderOptions {
  hold(reader: object): void
  release(reader: object): void
  /** Sends a PING. */
  showLife(): void
}

/** Holds back what is read from a connection, as a rate limit demands. */
export class PacedReader {
  readonly #options: PacedReaderOptions
  #timer: NodeJS.Timeout | undefined
  #lastSign = performance.now()
  limit: RateLimit | undefined

  constructor(options: PacedReaderOptions) {
    this.#options = options
  }

  /** Call this when bytes were read: the next ones are not read before it is their turn. */
  took(bytes: number): void {
    const wait = this.limit?.reserve(bytes) ?? 0
    // A wait that is shorter than a timer is made up for by a later one.
    if (wait < 1 || this.#timer !== undefined) return
    this.#options.hold(this)
    this.#timer = setTimeout(() => this.stop(), wait)
    const now = performance.now()
    if (now - this.#lastSign < SIGN_OF_LIFE) return
    this.#lastSign = now
    this.#options.showLife()
  }

  /** Nothing is held back any more. */
  stop(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#options.release(this)
  }
}

import { SocketServerError } from '../socket-server-error.js'

/**
 * Milliseconds that a handler may still run after its request was closed. They are meant for `finish` and for
 * `finally` blocks.
 */
export const LAST_MOMENTS = 1_000

/** The two ways to end a request. */
interface Ender<Request> {
  /** Closes the request, so that its handler ends with an error. */
  readonly close: (request: Request) => void
  /** Gives the request up, because its handler has not ended although the request was closed. */
  readonly abandon: (request: Request) => void
}

/** A request that is being handled and that can be cut off. */
export class RunningRequest<Request> {
  readonly #request: Request
  readonly #ender: Ender<Request>
  #hasEnded = false
  #cut: SocketServerError | undefined
  #giveUp: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(request: Request, ender: Ender<Request>) {
    this.#request = request
    this.#ender = ender
  }

  /** Settles as `handle` does, or rejects with `TIMED_OUT` if the request was cut off. `limit` is in milliseconds. */
  async run(handle: () => Promise<void>, limit: number | null): Promise<void> {
    if (limit !== null) {
      this.#timer = setTimeout(() => this.cut(`the handler had not ended within ${limit} ms`), limit)
    }
    try {
      await new Promise<void>((resolve, reject) => {
        this.#giveUp = resolve
        handle().then(resolve, reject)
      })
    } catch (error) {
      if (this.#cut === undefined) throw error
      this.#cut.cause = error
    } finally {
      this.#hasEnded = true
      clearTimeout(this.#timer)
    }
    if (this.#cut) throw this.#cut
  }

  /** Closes the request. If its handler has not ended after `LAST_MOMENTS`, this gives the request up. */
  cut(why: string): void {
    if (!this.#hasEnded && this.#cut === undefined) {
      this.#cut = new SocketServerError('TIMED_OUT', why)
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => {
        this.#ender.abandon(this.#request)
        this.#giveUp?.()
      }, LAST_MOMENTS)
    }
    this.#ender.close(this.#request)
  }
}

import { SocketServerError } from '../socket-server-error.js'

/**
 * How long a handler may take to end after its request was closed, milliseconds: enough for `finish` and for what
 * stands in `finally`.
 */
export const LAST_MOMENTS = 1_000

/** What ends a request. */
interface Ender<Request> {
  /** Closes it, so that its handler ends with an error. */
  readonly close: (request: Request) => void
  /** Ends whatever runs its handler, which has not ended in spite of that. */
  readonly abandon: (request: Request) => void
}

/** A request that is being handled, and that can be cut short. */
export class RunningRequest<Request> {
  readonly #request: Request
  readonly #ender: Ender<Request>
  #state: 'running' | 'ended' = 'running'
  #cut: SocketServerError | undefined
  #giveUp: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(request: Request, ender: Ender<Request>) {
    this.#request = request
    this.#ender = ender
  }

  /** Settles as `handle` does; rejects with `TIMED_OUT` if the request was cut short. `limit`: milliseconds. */
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
      this.#state = 'ended'
      clearTimeout(this.#timer)
    }
    if (this.#cut) throw this.#cut
  }

  /** Closes the request, and gives its handler up if that has not ended a moment later. */
  cut(why: string): void {
    if (this.#state === 'running' && this.#cut === undefined) {
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

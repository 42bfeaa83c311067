import { SocketServerError } from '../socket-server-error.js'
import { closingController } from './closing-controller.js'

type State =
  | { readonly type: 'idle' }
  /** `stop` was called before `run`, so the next run ends at once. */
  | { readonly type: 'stop asked' }
  | { readonly type: 'running'; readonly ended: Promise<void> }
  | { readonly type: 'stopping'; readonly ended: Promise<void> }

/** Whether a server's loop runs, and the signal that tells handlers it is about to stop. */
export class ServeLoop {
  #state: State = { type: 'idle' }
  #closing = closingController()

  /** Aborted when a stop begins. Each run after a stop has a new signal. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  get isRunning(): boolean {
    return this.#state.type === 'running'
  }

  /** Runs `body`, which must return soon after `isRunning` has become false. */
  async run(body: () => Promise<void>): Promise<void> {
    // In a server that handles one request at a time, `shutdown()` may resolve while the last request still runs.
    while (this.#state.type === 'stopping') await this.#state.ended
    const { type } = this.#state
    if (type === 'running') {
      throw new SocketServerError(
        'ALREADY_SERVING',
        'serveForever() is already running on this server: await its end before you call it again',
      )
    }
    if (type === 'idle' && this.#closing.signal.aborted) this.#closing = closingController()
    const running = Promise.resolve().then(body)
    const ended = running.then(ignore, ignore)
    this.#state = type === 'idle' ? { type: 'running', ended } : { type: 'stopping', ended }
    try {
      await running
    } finally {
      this.#state = { type: 'idle' }
    }
  }

  /** Ends the loop; `wake` must make it check `isRunning`. Resolves when the loop does not run any more. */
  async stop(wake: () => void): Promise<void> {
    this.#closing.abort()
    if (this.#state.type === 'running') this.#state = { type: 'stopping', ended: this.#state.ended }
    else if (this.#state.type === 'idle') this.#state = { type: 'stop asked' }
    wake()
    if (this.#state.type === 'stopping') await this.#state.ended
  }

  /** Does the same as `stop`, but does not stop a run that has yet to begin. */
  async end(wake: () => void): Promise<void> {
    const { type } = this.#state
    if (type === 'running' || type === 'stopping') await this.stop(wake)
    else this.#closing.abort()
  }
}

function ignore(): void {}

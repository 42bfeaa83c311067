import { SocketServerError } from '../socket-server-error.js'

type State =
  | { readonly is: 'idle' }
  /** `stop` came first: the next run ends at once. */
  | { readonly is: 'stop asked' }
  | { readonly is: 'running'; readonly ended: Promise<void> }
  | { readonly is: 'stopping'; readonly ended: Promise<void> }

/** Whether a server's loop runs, and the signal that tells handlers it is about to stop. */
export class ServeLoop {
  #state: State = { is: 'idle' }
  #closing = new AbortController()

  /** Aborted when a stop begins. Each run that follows a stop has a fresh one. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  get isRunning(): boolean {
    return this.#state.is === 'running'
  }

  /** Runs `body`, which is to return soon after `isRunning` has become false. */
  async run(body: () => Promise<void>): Promise<void> {
    const { is } = this.#state
    if (is === 'running' || is === 'stopping') {
      throw new SocketServerError('ALREADY_SERVING', 'serveForever() is already running on this server')
    }
    if (is === 'idle' && this.#closing.signal.aborted) this.#closing = new AbortController()
    const running = Promise.resolve().then(body)
    const ended = running.then(ignore, ignore)
    this.#state = is === 'idle' ? { is: 'running', ended } : { is: 'stopping', ended }
    try {
      await running
    } finally {
      this.#state = { is: 'idle' }
    }
  }

  /** Asks the loop to end; `wake` makes it notice. Resolves when it has ended, at once if none runs. */
  async stop(wake: () => void): Promise<void> {
    this.#closing.abort()
    if (this.#state.is === 'running') this.#state = { is: 'stopping', ended: this.#state.ended }
    else if (this.#state.is === 'idle') this.#state = { is: 'stop asked' }
    wake()
    if (this.#state.is === 'stopping') await this.#state.ended
  }

  /** As `stop`, but leaves no stop behind for a run to come. */
  async end(wake: () => void): Promise<void> {
    const { is } = this.#state
    if (is === 'running' || is === 'stopping') await this.stop(wake)
    else this.#closing.abort()
  }
}

function ignore(): void {}

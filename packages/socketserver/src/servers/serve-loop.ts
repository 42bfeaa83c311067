import { SocketServerError } from '../socket-server-error.js'

type State =
  | { readonly type: 'idle' }
  /** `stop` came first: the next run ends at once. */
  | { readonly type: 'stop asked' }
  | { readonly type: 'running'; readonly ended: Promise<void> }
  | { readonly type: 'stopping'; readonly ended: Promise<void> }

/** Whether a server's loop runs, and the signal that tells handlers it is about to stop. */
export class ServeLoop {
  #state: State = { type: 'idle' }
  #closing = new AbortController()

  /** Aborted when a stop begins. Each run that follows a stop has a fresh one. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  get isRunning(): boolean {
    return this.#state.type === 'running'
  }

  /** Runs `body`, which is to return soon after `isRunning` has become false. */
  async run(body: () => Promise<void>): Promise<void> {
    // One request at a time, a stop is over for its caller while the last request still runs.
    while (this.#state.type === 'stopping') await this.#state.ended
    const { type } = this.#state
    if (type === 'running') {
      throw new SocketServerError('ALREADY_SERVING', 'serveForever() is already running on this server')
    }
    if (type === 'idle' && this.#closing.signal.aborted) this.#closing = new AbortController()
    const running = Promise.resolve().then(body)
    const ended = running.then(ignore, ignore)
    this.#state = type === 'idle' ? { type: 'running', ended } : { type: 'stopping', ended }
    try {
      await running
    } finally {
      this.#state = { type: 'idle' }
    }
  }

  /** Asks the loop to end; `wake` makes it notice. Resolves when it has ended, at once if none runs. */
  async stop(wake: () => void): Promise<void> {
    this.#closing.abort()
    if (this.#state.type === 'running') this.#state = { type: 'stopping', ended: this.#state.ended }
    else if (this.#state.type === 'idle') this.#state = { type: 'stop asked' }
    wake()
    if (this.#state.type === 'stopping') await this.#state.ended
  }

  /** As `stop`, but leaves no stop behind for a run to come. */
  async end(wake: () => void): Promise<void> {
    const { type } = this.#state
    if (type === 'running' || type === 'stopping') await this.stop(wake)
    else this.#closing.abort()
  }
}

function ignore(): void {}

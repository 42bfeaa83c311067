import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Address } from '../address.js'
import { reviveError } from '../error-record.js'
import { SocketServerError } from '../socket-server-error.js'
import { MessageBatch } from './message-batch.js'
import { SocketRelay } from './socket-relay.js'
import type { FromThread, ThreadStart, ToThread } from './thread-message.js'
import type { ThreadPoolOptions } from './thread-pool.js'

let lastId = 0

/** How a thread ended: while starting, while ready, or because it was told to. */
export interface ThreadExit {
  readonly from: 'starting' | 'ready' | 'stopping'
  readonly error: SocketServerError
}

/** One worker of the pool, seen from the main thread. */
export class WorkerThread {
  /** Resolves when the handler's module is loaded in it, rejects if that failed. */
  readonly ready: Promise<void>
  readonly exited: Promise<ThreadExit>

  readonly #worker: Worker
  readonly #batch: MessageBatch<ToThread>
  readonly #relays = new Map<number, SocketRelay>()
  readonly #options: ThreadPoolOptions
  #state: 'starting' | 'ready' | 'stopping' = 'starting'

  constructor(options: ThreadPoolOptions) {
    this.#options = options
    const workerData: ThreadStart = options.start
    this.#worker = new Worker(new URL('./thread-main.js', import.meta.url), {
      workerData,
      ...(options.limits && { resourceLimits: options.limits }),
    })
    if (options.daemon) this.#worker.unref()
    this.#batch = new MessageBatch(this.#worker)
    let cause: unknown
    this.#worker.on('error', (error) => {
      cause = error
    })
    this.exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => resolve(this.#onExit(code, cause)))
    })
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (messages: FromThread[]) => {
        for (const message of messages) {
          if (message.is === 'ready') resolve(this.#onReady())
          else if (message.is === 'unusable') reject(reviveError(message.error))
          else this.#receive(message)
        }
      })
      this.exited.then(({ error }) => reject(error), reject)
    })
  }

  /** Requests it is running. */
  get load(): number {
    return this.#relays.size
  }

  async run(socket: Socket, clientAddress: Address): Promise<void> {
    lastId += 1
    const id = lastId
    const relay = new SocketRelay(id, socket, this.#batch)
    this.#relays.set(id, relay)
    try {
      await relay.run(clientAddress)
    } finally {
      this.#relays.delete(id)
    }
  }

  /** Tells handlers that the server is closing, or serves again. */
  tell(news: 'closing' | 'serving'): void {
    this.#batch.add({ is: news })
  }

  async stop(): Promise<void> {
    this.#state = 'stopping'
    await this.#worker.terminate()
  }

  #onReady(): void {
    if (this.#state === 'starting') this.#state = 'ready'
  }

  #receive(message: Exclude<FromThread, { is: 'ready' | 'unusable' }>): void {
    if (message.is === 'notify') this.#options.onNotify(message.message, message.clientAddress)
    else this.#relays.get(message.id)?.receive(message)
  }

  #onExit(code: number, cause: unknown): ThreadExit {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    const message = `worker thread ended with exit code ${code}${why}`
    const error = new SocketServerError('WORKER_EXITED', message, cause === undefined ? {} : { cause })
    for (const relay of this.#relays.values()) relay.fail(error)
    return { from: this.#state, error }
  }
}

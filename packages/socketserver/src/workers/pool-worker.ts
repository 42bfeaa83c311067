import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import { reviveError } from '../error-record.js'
import { SocketServerError } from '../socket-server-error.js'
import type { MessageBatch } from './message-batch.js'
import { Outcome } from './outcome.js'
import type { Relay } from './relay.js'
import type { FromWorker, ToWorker } from './worker-message.js'

/** How a worker ended: while starting, while ready, or because it was told to. */
export interface WorkerExit {
  readonly from: 'starting' | 'ready' | 'stopping'
  readonly error: SocketServerError
}

export interface WorkerEvents {
  notified(message: unknown, clientAddress: Address | undefined): void
  acceptFailed(error: Error, clientAddress: Address): void
}

let lastId = 0

/** One worker of a pool, a thread or a child process, seen from the server. */
export abstract class PoolWorker {
  /** Settles when the worker has loaded the handler's module. */
  readonly ready: Promise<void>
  readonly exited: Promise<WorkerExit>

  protected abstract readonly batch: MessageBatch<ToWorker>
  readonly #events: WorkerEvents
  readonly #relays = new Map<number, Relay>()
  readonly #ids = new Map<Socket | DatagramRequest, number>()
  readonly #loaded = new Outcome()
  #onExit!: (exit: WorkerExit) => void
  #state: WorkerExit['from'] = 'starting'

  constructor(events: WorkerEvents) {
    this.#events = events
    this.ready = this.#loaded.promise
    this.exited = new Promise((resolve) => {
      this.#onExit = resolve
    })
  }

  /** Requests it is running. */
  get load(): number {
    return this.#relays.size
  }

  async run(request: Socket | DatagramRequest, clientAddress: Address): Promise<void> {
    lastId += 1
    const id = lastId
    const relay = this.createRelay(id, request, (error) => this.#events.acceptFailed(error, clientAddress))
    this.#relays.set(id, relay)
    this.#ids.set(request, id)
    try {
      await relay.run(clientAddress)
    } finally {
      this.#relays.delete(id)
      this.#ids.delete(request)
    }
  }

  /** Whether the request was one of this worker's. */
  close(request: Socket | DatagramRequest): boolean {
    const id = this.#ids.get(request)
    if (id === undefined) return false
    this.#relays.get(id)?.close()
    return true
  }

  /** Tells handlers that the server is closing, or serves again. */
  tell(news: 'closing' | 'serving'): void {
    this.batch.add({ is: news })
  }

  async stop(): Promise<void> {
    this.#state = 'stopping'
    await this.end()
  }

  protected abstract end(): Promise<unknown>

  protected abstract createRelay(
    id: number,
    request: Socket | DatagramRequest,
    notSecured: (error: Error) => void,
  ): Relay

  protected receive(messages: readonly FromWorker[]): void {
    for (const message of messages) {
      if (message.is === 'ready') this.#onReady()
      else if (message.is === 'unusable') this.#loaded.reject(reviveError(message.error))
      else if (message.is === 'notify') this.#events.notified(message.message, message.clientAddress)
      else this.#relays.get(message.id)?.receive(message)
    }
  }

  /** To be called when the worker has ended. `how` completes the sentence "worker thread …". */
  protected onExit(how: string, cause: unknown): void {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    const error = new SocketServerError('WORKER_EXITED', `${how}${why}`, cause === undefined ? {} : { cause })
    for (const relay of this.#relays.values()) relay.fail(error)
    this.#loaded.reject(error)
    this.#onExit({ from: this.#state, error })
  }

  #onReady(): void {
    if (this.#state === 'starting') this.#state = 'ready'
    this.#loaded.resolve()
  }
}

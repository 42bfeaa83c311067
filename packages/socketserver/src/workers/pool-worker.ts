import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import { type ErrorRecord, recordError, reviveError } from '../error-record.js'
import { LAST_MOMENTS } from '../servers/running-request.js'
import { SocketServerError } from '../socket-server-error.js'
import { Deferred } from './deferred.js'
import type { MessageBatch } from './message-batch.js'
import type { Relay, RelayedRequest } from './relay.js'
import type { FromWorker, ToWorker } from './worker-message.js'

/** How a worker ended. `from` is the state it was in; 'stopping' means that it was told to end. */
export interface WorkerExit {
  readonly from: 'starting' | 'ready' | 'stopping'
  readonly error: SocketServerError
}

export interface WorkerEvents {
  notified(message: unknown, clientAddress: Address | undefined): void
  acceptFailed(error: Error, clientAddress?: Address): void
  /** A worker that could take no request may have room again. */
  hasRoomAgain(): void
  asked(question: unknown, request: Socket | DatagramRequest, clientAddress: Address): Promise<unknown>
  shutdown(): Promise<void>
  /** A worker ended by itself, or its replacement could not start. */
  exited(error: Error): void
}

let lastId = 0

/** One worker of a pool, a thread or a child process, seen from the server. */
export abstract class PoolWorker {
  /** Settles when the worker has loaded the handler's module. */
  readonly ready: Promise<void>
  readonly exited: Promise<WorkerExit>

  protected abstract readonly batch: MessageBatch<ToWorker>
  protected readonly events: WorkerEvents
  readonly #relays = new Map<number, Relay>()
  readonly #ids = new Map<Socket | DatagramRequest, number>()
  readonly #loaded = new Deferred()
  #onExit!: (exit: WorkerExit) => void
  #state: WorkerExit['from'] = 'starting'
  #killedFor: SocketServerError | undefined
  #areDescriptorsScarce = false
  #answerTimer: NodeJS.Timeout | undefined

  constructor(events: WorkerEvents) {
    this.events = events
    this.ready = this.#loaded.promise
    this.exited = new Promise((resolve) => {
      this.#onExit = resolve
    })
  }

  /** Whether this worker may get requests. It may not if it is being killed, even if it has not exited yet. */
  get isUsable(): boolean {
    return this.#killedFor === undefined
  }

  /** Whether this worker has what a further request needs. */
  get mayTake(): boolean {
    return this.isUsable && !this.#areDescriptorsScarce
  }

  /** The number of requests that it is running. */
  get load(): number {
    return this.#relays.size
  }

  async run(request: Socket | DatagramRequest, clientAddress: Address): Promise<void> {
    lastId += 1
    const id = lastId
    const notSecured = (error: Error) => this.events.acceptFailed(error, clientAddress)
    const relay = this.createRelay({ id, request, clientAddress }, notSecured)
    this.#relays.set(id, relay)
    this.#ids.set(request, id)
    try {
      await relay.run()
    } finally {
      this.#relays.delete(id)
      this.#ids.delete(request)
    }
  }

  /** Closes the request. Returns whether it was one of this worker's. */
  close(request: Socket | DatagramRequest): boolean {
    const id = this.#ids.get(request)
    if (id === undefined) return false
    this.#relays.get(id)?.close()
    return true
  }

  /**
   * Gives up a request whose handler does not end. The worker is ended if it has no other request. It is also ended
   * if it does not answer, because then the handler keeps its event loop busy. Returns whether the request was one
   * of this worker's.
   */
  abandon(request: Socket | DatagramRequest): boolean {
    const id = this.#ids.get(request)
    if (id === undefined) return false
    this.#relays
      .get(id)
      ?.fail(new SocketServerError('TIMED_OUT', 'the handler did not end after its request was closed'))
    this.#relays.delete(id)
    if (this.load === 0) this.#endForcibly()
    else this.#expectAnswer()
    return true
  }

  /** Tells the handlers that the server is closing, or that it serves again. */
  tell(news: 'closing' | 'serving'): void {
    this.batch.add({ type: news })
  }

  async stop(): Promise<void> {
    this.#state = 'stopping'
    await this.end()
  }

  /** Ends the worker, by force if nothing else helps. Resolves when the worker has ended. */
  protected abstract end(): Promise<unknown>

  /** Ends the worker by force. */
  protected abstract kill(): void

  protected abstract createRelay(request: RelayedRequest, notSecured: (error: Error) => void): Relay

  protected receive(messages: readonly FromWorker[]): void {
    for (const message of messages) {
      if (message.type === 'ready') this.#onReady()
      else if (message.type === 'here') clearTimeout(this.#answerTimer)
      else if (message.type === 'descriptors scarce') this.#onScarce(message.error)
      else if (message.type === 'descriptors free') this.#onFree()
      else if (message.type === 'unusable') this.#loaded.reject(reviveError(message.error))
      else if (message.type === 'notify') this.events.notified(message.message, message.clientAddress)
      else if (message.type === 'shutdown') void this.#answer(message.number, () => this.events.shutdown())
      else if (message.type === 'question') void this.#answer(message.number, () => this.#ask(message))
      else this.#relays.get(message.id)?.receive(message)
    }
  }

  async #ask({ id, question }: Extract<FromWorker, { type: 'question' }>): Promise<unknown> {
    const relay = this.#relays.get(id)
    if (relay === undefined)
      throw new SocketServerError(
        'CLOSED',
        'the server has given up the request, because its handler took too long',
      )
    return await this.events.asked(question, relay.request, relay.clientAddress)
  }

  async #answer(number: number, answer: () => Promise<unknown>): Promise<void> {
    try {
      this.batch.add({ type: 'answer', number, answer: this.batch.clone(await answer()) })
    } catch (error) {
      this.batch.add({ type: 'answer', number, error: recordError(error) })
    }
  }

  /** Must be called when the worker has ended. `how` completes the sentence "worker thread …". */
  protected onExit(how: string, cause: unknown): void {
    clearTimeout(this.#answerTimer)
    const reason = cause ?? this.#killedFor
    const why = reason instanceof Error ? `: ${reason.message}` : ''
    const error = new SocketServerError(
      'WORKER_EXITED',
      `${how}${why}`,
      reason === undefined ? {} : { cause: reason },
    )
    for (const relay of this.#relays.values()) relay.fail(error)
    this.#loaded.reject(error)
    this.#onExit({ from: this.#state, error })
  }

  #onScarce(error: ErrorRecord | undefined): void {
    this.#areDescriptorsScarce = true
    if (error) this.events.acceptFailed(reviveError(error))
  }

  #onFree(): void {
    this.#areDescriptorsScarce = false
    this.events.hasRoomAgain()
  }

  #expectAnswer(): void {
    this.batch.add({ type: 'are you here' })
    clearTimeout(this.#answerTimer)
    this.#answerTimer = setTimeout(() => this.#endForcibly(), LAST_MOMENTS)
  }

  #endForcibly(): void {
    this.#killedFor = new SocketServerError(
      'TIMED_OUT',
      'the server ended it because a handler did not end in time',
    )
    this.kill()
  }

  #onReady(): void {
    if (this.#state === 'starting') this.#state = 'ready'
    this.#loaded.resolve()
  }
}

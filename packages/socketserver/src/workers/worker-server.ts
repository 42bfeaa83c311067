import type { Address } from '../address.js'
import type { HandlerServer } from '../handlers/handler-server.js'
import type { MessageBatch } from './message-batch.js'
import type { FromWorker, WorkerStart } from './worker-message.js'

/** The server as handlers in a worker see it. */
export class WorkerServer implements HandlerServer {
  readonly serverAddress: Address
  readonly context: unknown
  readonly #batch: MessageBatch<FromWorker>
  #closing = new AbortController()

  constructor(start: WorkerStart, batch: MessageBatch<FromWorker>) {
    this.serverAddress = start.serverAddress
    this.context = start.context
    this.#batch = batch
  }

  get closing(): AbortSignal {
    return this.#closing.signal
  }

  notify(message: unknown, clientAddress?: Address): void {
    // Cloned now: what can't be cloned is the caller's error, and must not spoil the whole batch.
    this.#batch.add({
      is: 'notify',
      message: structuredClone(message),
      ...(clientAddress && { clientAddress }),
    })
  }

  close(): void {
    this.#closing.abort()
  }

  reopen(): void {
    this.#closing = new AbortController()
  }
}

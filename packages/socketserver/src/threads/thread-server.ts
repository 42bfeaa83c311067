import type { Address } from '../address.js'
import type { HandlerServer } from '../handlers/handler-server.js'
import type { MessageBatch } from './message-batch.js'
import type { FromThread, ThreadStart } from './thread-message.js'

/** The server as handlers in a worker thread see it. */
export class ThreadServer implements HandlerServer {
  readonly serverAddress: Address
  readonly context: unknown
  readonly #batch: MessageBatch<FromThread>
  #closing = new AbortController()

  constructor(start: ThreadStart, batch: MessageBatch<FromThread>) {
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

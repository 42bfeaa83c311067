import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import { reviveError } from '../error-record.js'
import { Deferred } from '../workers/deferred.js'
import type { MessageBatch } from '../workers/message-batch.js'
import type { Relay, RelayedRequest } from '../workers/relay.js'
import type { FromRequest, ToWorker } from '../workers/worker-message.js'

export interface DescriptorRelayEvents {
  /** The descriptor has been sent, or that has failed. */
  handedOver(): void
  /** The TLS handshake failed. */
  notSecured(error: Error): void
}

/** Passes a connection's descriptor to a child, and waits until the child reports the end of its handler. */
export class DescriptorRelay implements Relay {
  readonly request: Socket
  readonly clientAddress: Address
  readonly #id: number
  readonly #child: ChildProcess
  readonly #batch: MessageBatch<ToWorker>
  readonly #events: DescriptorRelayEvents
  readonly #outcome = new Deferred()

  constructor(
    { id, request, clientAddress }: RelayedRequest<Socket>,
    child: ChildProcess,
    batch: MessageBatch<ToWorker>,
    events: DescriptorRelayEvents,
  ) {
    this.request = request
    this.clientAddress = clientAddress
    this.#id = id
    this.#child = child
    this.#batch = batch
    this.#events = events
  }

  run(): Promise<void> {
    const messages: ToWorker[] = [{ type: 'connection', id: this.#id, clientAddress: this.clientAddress }]
    this.#child.send(messages, this.request, (error) => {
      // The child has the descriptor now; the socket of this process is no longer needed.
      this.request.destroy()
      this.#events.handedOver()
      if (error) this.#outcome.reject(error)
    })
    return this.#outcome.promise
  }

  receive(message: FromRequest): void {
    if (message.type === 'finished') {
      if (message.error) this.#outcome.reject(reviveError(message.error))
      else this.#outcome.resolve()
    } else if (message.type === 'not secured') {
      this.#events.notSecured(reviveError(message.error))
      this.#outcome.resolve()
    }
  }

  close(): void {
    this.#batch.add({ type: 'close', id: this.#id })
  }

  fail(error: Error): void {
    this.request.destroy()
    this.#outcome.reject(error)
  }
}

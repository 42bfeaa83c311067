import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import { recordError, reviveError } from '../error-record.js'
import { Deferred } from './deferred.js'
import type { MessageBatch } from './message-batch.js'
import type { Relay, RelayedRequest } from './relay.js'
import type { FromRequest, ToWorker } from './worker-message.js'

/** Passes a datagram to a worker, and sends the worker's answers through the server's socket. */
export class DatagramRelay implements Relay {
  readonly request: DatagramRequest
  readonly clientAddress: Address
  readonly #id: number
  readonly #batch: MessageBatch<ToWorker>
  readonly #outcome = new Deferred()

  constructor(
    { id, request, clientAddress }: RelayedRequest<DatagramRequest>,
    batch: MessageBatch<ToWorker>,
  ) {
    this.request = request
    this.clientAddress = clientAddress
    this.#id = id
    this.#batch = batch
  }

  run(): Promise<void> {
    // Copy the bytes: Node's datagram is a slice of a larger buffer, and all of that would be sent along.
    const packet = new Uint8Array(this.request.packet)
    this.#batch.add({ type: 'datagram', id: this.#id, clientAddress: this.clientAddress, packet })
    return this.#outcome.promise
  }

  receive(message: FromRequest): void {
    if (message.type === 'send datagram') void this.#send(message.packet, message.address)
    else if (message.type === 'finished') this.#finish(message.error && reviveError(message.error))
  }

  /** A datagram has no connection that could be closed. */
  close(): void {}

  fail(error: Error): void {
    this.#outcome.reject(error)
  }

  #finish(error: Error | undefined): void {
    if (error) this.#outcome.reject(error)
    else this.#outcome.resolve()
  }

  async #send(packet: Uint8Array, address: Address): Promise<void> {
    let failure: unknown
    try {
      await this.request.socket.send(packet, address)
    } catch (error) {
      failure = error
    }
    this.#batch.add({
      type: 'datagram sent',
      id: this.#id,
      ...(failure !== undefined && { error: recordError(failure) }),
    })
  }
}

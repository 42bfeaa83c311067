import type { Address } from '../address.js'
import type { DatagramRequest, DatagramSender } from '../datagrams/datagram-request.js'
import { type ErrorRecord, reviveError } from '../error-record.js'
import { Deferred } from './deferred.js'
import type { MessageBatch } from './message-batch.js'
import type { FromWorker } from './worker-message.js'

/** `request` of a datagram handler in a worker. */
export class WorkerDatagram implements DatagramRequest, DatagramSender {
  readonly packet: Buffer
  readonly socket: DatagramSender = this
  readonly #id: number
  readonly #batch: MessageBatch<FromWorker>
  /** Datagrams that the server has not confirmed yet, oldest first. It confirms them in that order. */
  readonly #unsent: Deferred[] = []

  constructor(id: number, packet: Uint8Array, batch: MessageBatch<FromWorker>) {
    this.#id = id
    this.#batch = batch
    this.packet = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength)
  }

  send(packet: Uint8Array | string, address: Address): Promise<void> {
    const outcome = new Deferred()
    this.#unsent.push(outcome)
    const bytes = typeof packet === 'string' ? new TextEncoder().encode(packet) : new Uint8Array(packet)
    this.#batch.add({ type: 'send datagram', id: this.#id, packet: bytes, address })
    return outcome.promise
  }

  receiveSent(error: ErrorRecord | undefined): void {
    const outcome = this.#unsent.shift()
    if (error) outcome?.reject(reviveError(error))
    else outcome?.resolve()
  }
}

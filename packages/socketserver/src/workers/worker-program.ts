import { Duplex } from 'node:stream'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import { recordError } from '../error-record.js'
import { type HandlerClass, loadHandler, runHandler } from '../handlers/handler-source.js'
import { endWriting } from '../servers/graceful-close.js'
import type { MessageBatch } from './message-batch.js'
import { WorkerDatagram } from './worker-datagram.js'
import type { FromWorker, ToWorker, WorkerStart } from './worker-message.js'
import { WorkerServer } from './worker-server.js'

/** What threads and children have in common: they load the handler's module and run the handler for each request. */
export class WorkerProgram {
  readonly #batch: MessageBatch<FromWorker>
  readonly #server: WorkerServer
  readonly #datagrams = new Map<number, WorkerDatagram>()
  readonly #Handler: HandlerClass

  private constructor(start: WorkerStart, Handler: HandlerClass, batch: MessageBatch<FromWorker>) {
    this.#server = new WorkerServer(start, batch)
    this.#Handler = Handler
    this.#batch = batch
  }

  /** Tells the server whether the module could be loaded. If it could not, this resolves with `undefined`. */
  static async load(start: WorkerStart, batch: MessageBatch<FromWorker>): Promise<WorkerProgram | undefined> {
    try {
      const program = new WorkerProgram(start, await loadHandler(new URL(start.handler)), batch)
      batch.add({ type: 'ready' })
      return program
    } catch (error) {
      batch.add({ type: 'unusable', error: recordError(error) })
      return undefined
    }
  }

  /** The messages that mean the same in threads and children. */
  receive(message: ToWorker): void {
    switch (message.type) {
      case 'closing':
      case 'serving':
      case 'answer':
        return this.#server.receive(message)
      case 'are you here':
        return this.#batch.add({ type: 'here' })
      case 'datagram':
        return void this.#runDatagram(message.id, message.packet, message.clientAddress)
      case 'datagram sent':
        return this.#datagrams.get(message.id)?.receiveSent(message.error)
    }
  }

  /** Runs a handler. When the handler has ended and everything it wrote is sent, this tells the server. */
  async run(id: number, request: Duplex | DatagramRequest, clientAddress: Address): Promise<void> {
    let failure: { error: unknown } | undefined
    try {
      const ask = (question: unknown) => this.#server.askFor(id, question)
      await runHandler(this.#Handler, request, clientAddress, this.#server, ask)
    } catch (error) {
      failure = { error }
    }
    if (request instanceof Duplex) await endWriting(request)
    this.#batch.add({ type: 'finished', id, ...(failure && { error: recordError(failure.error) }) })
  }

  async #runDatagram(id: number, packet: Uint8Array, clientAddress: Address): Promise<void> {
    const request = new WorkerDatagram(id, packet, this.#batch)
    this.#datagrams.set(id, request)
    await this.run(id, request, clientAddress)
    this.#datagrams.delete(id)
  }
}

import type { Address } from '../address.js'
import type { HandlerServer } from '../handlers/handler-server.js'
import { closingController } from '../servers/closing-controller.js'
import { AskedQuestions } from './asked-questions.js'
import type { MessageBatch } from './message-batch.js'
import type { FromWorker, ToWorker, WorkerStart } from './worker-message.js'

/** The server as handlers in a worker see it, without `ask`, which is different for each request. */
export class WorkerServer implements Omit<HandlerServer, 'ask'> {
  readonly serverAddress: Address
  readonly context: unknown
  readonly #batch: MessageBatch<FromWorker>
  readonly #questions = new AskedQuestions()
  #closing = closingController()

  constructor(start: WorkerStart, batch: MessageBatch<FromWorker>) {
    this.serverAddress = start.serverAddress
    this.context = start.context
    this.#batch = batch
  }

  get closing(): AbortSignal {
    return this.#closing.signal
  }

  notify(message: unknown, clientAddress?: Address): void {
    this.#batch.add({
      type: 'notify',
      message: this.#batch.clone(message),
      // Compare with `undefined`: the address of a client on a Unix socket is the empty string.
      ...(clientAddress !== undefined && { clientAddress }),
    })
  }

  async shutdown(): Promise<void> {
    await this.#questions.ask((number) => this.#batch.add({ type: 'shutdown', number }))
  }

  /** Asks the server a question for the request with this id. */
  askFor(id: number, question: unknown): Promise<unknown> {
    return this.#questions.ask((number) =>
      this.#batch.add({ type: 'question', id, number, question: this.#batch.clone(question) }),
    )
  }

  /** Handles the messages that are about the server, not about one request. */
  receive(message: Extract<ToWorker, { type: 'closing' | 'serving' | 'answer' }>): void {
    if (message.type === 'closing') this.#closing.abort()
    else if (message.type === 'serving') this.#closing = closingController()
    else this.#questions.receive(message.number, message.answer, message.error)
  }
}

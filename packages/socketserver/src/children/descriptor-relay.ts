import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import { reviveError } from '../error-record.js'
import type { MessageBatch } from '../workers/message-batch.js'
import { Outcome } from '../workers/outcome.js'
import type { Relay } from '../workers/relay.js'
import type { FromRequest, ToWorker } from '../workers/worker-message.js'

/** Passes a connection's descriptor to a child, and waits there for news of its handler. */
export class DescriptorRelay implements Relay {
  readonly #id: number
  readonly #socket: Socket
  readonly #child: ChildProcess
  readonly #batch: MessageBatch<ToWorker>
  readonly #notSecured: (error: Error) => void
  readonly #outcome = new Outcome()

  constructor(
    id: number,
    socket: Socket,
    child: ChildProcess,
    batch: MessageBatch<ToWorker>,
    notSecured: (error: Error) => void,
  ) {
    this.#id = id
    this.#socket = socket
    this.#child = child
    this.#batch = batch
    this.#notSecured = notSecured
  }

  run(clientAddress: Address): Promise<void> {
    const messages: ToWorker[] = [{ is: 'connection', id: this.#id, clientAddress }]
    this.#child.send(messages, this.#socket, (error) => {
      // The child has it now: what is left here is a shell without a descriptor.
      this.#socket.destroy()
      if (error) this.#outcome.reject(error)
    })
    return this.#outcome.promise
  }

  receive(message: FromRequest): void {
    if (message.is === 'finished') {
      if (message.error) this.#outcome.reject(reviveError(message.error))
      else this.#outcome.resolve()
    } else if (message.is === 'not secured') {
      this.#notSecured(reviveError(message.error))
      this.#outcome.resolve()
    }
  }

  close(): void {
    this.#batch.add({ is: 'close', id: this.#id })
  }

  fail(error: Error): void {
    this.#socket.destroy()
    this.#outcome.reject(error)
  }
}

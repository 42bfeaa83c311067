/** One side of a message port. */
interface Port {
  postMessage(value: unknown, transfer: ArrayBuffer[]): void
}

/**
 * Gathers the messages of one turn of the event loop into one `postMessage`: its cost is per call far more
 * than per message. Sockets are read in the poll phase and the batch leaves in the check phase right after it,
 * so nothing waits.
 */
export class MessageBatch<Message> {
  readonly #port: Port
  #messages: Message[] = []
  #transfer: ArrayBuffer[] = []

  constructor(port: Port) {
    this.#port = port
  }

  add(message: Message): void {
    if (this.#messages.push(message) === 1) setImmediate(() => this.flush())
  }

  /** Counts `buffer`, which the next message contains, among those that are transferred. */
  transfer(buffer: ArrayBuffer): ArrayBuffer {
    this.#transfer.push(buffer)
    return buffer
  }

  flush(): void {
    if (this.#messages.length === 0) return
    const messages = this.#messages
    const transfer = this.#transfer
    this.#messages = []
    this.#transfer = []
    this.#port.postMessage(messages, transfer)
  }
}

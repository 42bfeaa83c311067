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
  readonly #clone: <Value>(value: Value) => Value
  #messages: Message[] = []
  #transfer: ArrayBuffer[] = []

  /** `clone` is what the port does to a value; see the method. */
  constructor(port: Port, clone: <Value>(value: Value) => Value = structuredClone) {
    this.#port = port
    this.#clone = clone
  }

  /**
   * What the port would make of a value that somebody else has chosen. It throws here, where the caller hears of
   * it, if the value can't be sent: in the batch it would take all other messages with it.
   */
  clone(value: unknown): unknown {
    return this.#clone(value)
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

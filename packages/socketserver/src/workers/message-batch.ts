/** One end of a message channel. */
interface Port {
  postMessage(value: unknown, transfer: ArrayBuffer[]): void
}

/**
 * Sends the messages of one turn of the event loop by one `postMessage`, because each call costs far more than
 * each message. This adds no delay: sockets are read in the poll phase, and the batch is sent in the check phase
 * that follows. The messages are those of all connections of a worker, with buffers to be transferred, so a handler
 * that joins the bytes of its own connection does not make this needless.
 */
export class MessageBatch<Message> {
  readonly #port: Port
  readonly #clone: <Value>(value: Value) => Value
  #messages: Message[] = []
  #transfer: ArrayBuffer[] = []

  /** `clone` must clone a value in the way the port does; see the method `clone`. */
  constructor(port: Port, clone: <Value>(value: Value) => Value = structuredClone) {
    this.#port = port
    this.#clone = clone
  }

  /**
   * Clones a value that comes from outside this package. If the value can't be cloned, this throws, and the caller
   * gets the error. Without this check the whole batch would fail, with all its other messages.
   */
  clone(value: unknown): unknown {
    return this.#clone(value)
  }

  add(message: Message): void {
    if (this.#messages.push(message) === 1) setImmediate(() => this.flush())
  }

  /** Marks `buffer`, which the next message contains, to be transferred. */
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

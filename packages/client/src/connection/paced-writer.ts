import type { Socket } from 'node:net'
import type { RateLimit } from '@jftp/transfer'

interface Write {
  /** What is not handed to the socket yet. */
  rest: Uint8Array
  readonly done: () => void
}

/** Writes to a socket, as fast as a rate limit allows if there is one. */
export class PacedWriter {
  readonly #socket: Socket
  readonly #waiting: Write[] = []
  #limit: RateLimit | undefined
  #timer: NodeJS.Timeout | undefined
  #pending = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get limit(): RateLimit | undefined {
    return this.#limit
  }

  /** What waits is sent at the new rate from its next portion on. */
  set limit(limit: RateLimit | undefined) {
    this.#limit = limit
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pump()
  }

  /** Whether the limit holds something back. */
  get isWaiting(): boolean {
    return this.#pending > 0
  }

  /** Bytes that were given to `write` and have not left. */
  get unsent(): number {
    return this.#socket.writableLength + this.#pending
  }

  /** Calls `done` when the system has taken the bytes. */
  write(bytes: Uint8Array, done: () => void): void {
    if (this.#limit === undefined && this.#waiting.length === 0) {
      this.#socket.write(bytes, done)
      return
    }
    this.#waiting.push({ rest: bytes, done })
    this.#pending += bytes.length
    this.#pump()
  }

  /** Hands over all that waits, whatever the limit is: the connection ends. */
  flush(): void {
    this.limit = undefined
  }

  #pump(): void {
    while (this.#timer === undefined) {
      const [next] = this.#waiting
      if (next === undefined) return
      const portion = next.rest.subarray(0, this.#limit?.portion)
      const wait = this.#limit?.reserve(portion.length) ?? 0
      if (wait > 0) this.#timer = setTimeout(() => this.#resume(next, portion), Math.ceil(wait))
      else this.#send(next, portion)
    }
  }

  #resume(write: Write, portion: Uint8Array): void {
    this.#timer = undefined
    this.#send(write, portion)
    this.#pump()
  }

  #send(write: Write, portion: Uint8Array): void {
    this.#pending -= portion.length
    write.rest = write.rest.subarray(portion.length)
    if (write.rest.length > 0) {
      this.#socket.write(portion)
      return
    }
    this.#waiting.shift()
    this.#socket.write(portion, write.done)
  }
}

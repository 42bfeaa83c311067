import type { Socket } from 'node:net'

/** How many times the time may run out for a server that still answers PINGs. */
const MAX_EXTENSIONS = 10

export interface StallWatchOptions {
  /** Milliseconds in which something has to move. */
  readonly timeout: number
  /** What the server owes, for a message. It is undefined if the server owes nothing now. */
  awaited(): string | undefined
  /** Whether the server may work on that for any time, as long as it answers PINGs. */
  mayTakeLong(): boolean
  /** Asks for a sign of life. */
  probe(): void
  /** Called when the server is given up. */
  onStall(awaited: string, ms: number): void
}

/**
 * Notices that a server owes something and does not deliver. Halfway through the time it is sent a PING: a server
 * that answers that is alive and may be waiting for its disk, so it gets more time. It gets any time only for work
 * that may take long, like the digest of a large file.
 */
export class StallWatch {
  readonly #socket: Socket
  readonly #options: StallWatchOptions
  #lastProgress = 0
  #probe: 'none' | 'sent' | 'answered' = 'none'
  #extensions = 0
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, options: StallWatchOptions) {
    this.#socket = socket
    this.#options = options
  }

  start(): void {
    // Only the socket's own timer sees progress in the middle of a large write.
    this.#socket.setTimeout(this.#options.timeout, () => this.#socketIsQuiet())
    this.progress()
    this.#checkAfter(this.#options.timeout / 2)
  }

  stop(): void {
    this.#socket.setTimeout(0)
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** A part of what is awaited came, or a new wait begins. */
  progress(): void {
    this.#lastProgress = performance.now()
    this.#probe = 'none'
    this.#extensions = 0
  }

  /** The answer to a probe came. */
  alive(): void {
    if (this.#probe === 'sent') this.#probe = 'answered'
  }

  /** Nothing was read or written for the whole time. */
  #socketIsQuiet(): void {
    const { timeout, onStall } = this.#options
    if (this.#socket.writableLength > 0) onStall('the server to take what is sent', timeout)
    else this.#socket.setTimeout(timeout)
  }

  #checkAfter(ms: number): void {
    // If this process was busy or stopped, what came meanwhile is read before the server is judged.
    this.#timer = setTimeout(() => setImmediate(() => this.#check()), ms).unref()
  }

  #check(): void {
    if (this.#timer === undefined) return
    const { timeout, mayTakeLong } = this.#options
    const awaited = this.#options.awaited()
    if (awaited === undefined) this.progress()
    const left = this.#lastProgress + (this.#probe === 'none' ? timeout / 2 : timeout) - performance.now()
    if (awaited === undefined || left > 0) return this.#checkAfter(Math.max(left, 1))
    if (this.#probe === 'none') {
      this.#probe = 'sent'
      this.#options.probe()
    } else if (this.#probe === 'answered' && (this.#extensions < MAX_EXTENSIONS || mayTakeLong())) {
      const extensions = this.#extensions + 1
      this.progress()
      this.#extensions = extensions
    } else {
      return this.#options.onStall(awaited, (this.#extensions + 1) * timeout)
    }
    this.#checkAfter(timeout / 2)
  }
}

import { encodeEmptyFrame, FrameType, MAX_REQUEST_ID } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import type { Outbox } from './outbox.js'
import type { Throttle } from './throttle.js'

interface Ping {
  readonly sent: number
  resolve(ms: number): void
  reject(error: FtpError): void
}

/** PINGs that wait for their PONG. */
export class Pings {
  readonly #outbox: Outbox
  readonly #throttle: Throttle
  readonly #sent = new Map<number, Ping>()
  #nextId = 1

  constructor(outbox: Outbox, throttle: Throttle) {
    this.#outbox = outbox
    this.#throttle = throttle
  }

  /** Milliseconds to the server and back. */
  async send(signal: AbortSignal | undefined): Promise<number> {
    const id = this.#nextId
    this.#nextId = id === MAX_REQUEST_ID ? 1 : id + 1
    const stop = () => this.#sent.get(id)?.reject(cancelled(signal))
    signal?.addEventListener('abort', stop)
    try {
      return await new Promise<number>((resolve, reject) => {
        this.#sent.set(id, { sent: performance.now(), resolve, reject })
        // A listing that is held back would hold the PONG back.
        this.#throttle.enter(this)
        this.#outbox.add(encodeEmptyFrame(FrameType.PING, id))
        if (signal?.aborted) stop()
      })
    } finally {
      signal?.removeEventListener('abort', stop)
      this.#sent.delete(id)
      this.#throttle.leave(this)
    }
  }

  /** What the server owes, for a message. */
  get awaited(): string | undefined {
    return this.#sent.size > 0 ? 'the answer to a PING' : undefined
  }

  /** A PONG nobody waits for any more is no mistake. */
  answer(id: number): void {
    const ping = this.#sent.get(id)
    ping?.resolve(performance.now() - ping.sent)
  }

  fail(error: FtpError): void {
    for (const ping of this.#sent.values()) ping.reject(error)
  }
}

function cancelled(signal: AbortSignal | undefined): FtpError {
  return new FtpError('cancelled', 'cancelled before the answer came', { cause: signal?.reason })
}

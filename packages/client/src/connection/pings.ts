import { encodeEmptyFrame, FrameType, MAX_REQUEST_ID, ProtocolError } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import type { Outbox } from './outbox.js'
import type { Throttle } from './throttle.js'

/** PONGs that may wait for a server that sends PINGs and reads nothing. */
const MAX_UNREAD_PONGS = 1024

/** The id of a PING that only asks for a sign of life; those of `send` begin at 1. */
const PROBE_ID = 0

interface Ping {
  readonly sent: number
  resolve(ms: number): void
  reject(error: FtpError): void
}

/** PINGs in both directions, and their PONGs. */
export class Pings {
  readonly #outbox: Outbox
  readonly #throttle: Throttle
  readonly #sent = new Map<number, Ping>()
  #nextId = 1
  #onAlive: (() => void) | undefined
  #unreadPongs = 0

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
        // The PONG would be held back together with a listing that is held back.
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

  /** Asks for a sign of life, which calls `onAlive`. */
  probe(onAlive: () => void): void {
    this.#onAlive = onAlive
    this.#outbox.add(encodeEmptyFrame(FrameType.PING, PROBE_ID))
  }

  /** Throws `protocol-error` if the server sends PINGs and does not read the answers. */
  answerPing(id: number): void {
    this.#unreadPongs = this.#outbox.full ? this.#unreadPongs + 1 : 0
    if (this.#unreadPongs > MAX_UNREAD_PONGS) {
      throw new ProtocolError('protocol-error', 'it sends PINGs and does not read the answers')
    }
    this.#outbox.add(encodeEmptyFrame(FrameType.PONG, id))
  }

  /** A PONG that nobody waits for any more is no mistake. */
  takePong(id: number): void {
    if (id === PROBE_ID) this.#onAlive?.()
    const ping = this.#sent.get(id)
    ping?.resolve(performance.now() - ping.sent)
  }

  /** What the server owes, for a message. */
  get awaited(): string | undefined {
    return this.#sent.size > 0 ? 'the answer to a PING' : undefined
  }

  fail(error: FtpError): void {
    for (const ping of this.#sent.values()) ping.reject(error)
  }
}

function cancelled(signal: AbortSignal | undefined): FtpError {
  return new FtpError('cancelled', 'cancelled before the answer came', { cause: signal?.reason })
}

import type { Duplex } from 'node:stream'
import type { ProtocolError } from '@jftp/protocol'
import { clientGone } from './session-error.js'

/** What a session wants to hear of its connection. */
export interface StreamEvents {
  receive(chunk: Uint8Array): void
  /** The peer has sent its last byte, and may still read. */
  end(): void
  /** There is room to send again. */
  drained(): void
  /** The connection is gone. */
  lost(): void
}

/** The stream under a session. Its listeners are set once, and waiting for room to send is one promise. */
export class SessionStream {
  readonly #request: Duplex
  /** When the peer last sent or took something, or the session began to wait for it: a `performance.now()`. */
  quietSince = performance.now()
  #waiting: { resolve: () => void; reject: (error: ProtocolError) => void } | undefined

  constructor(request: Duplex, events: StreamEvents) {
    this.#request = request
    request.on('data', (chunk: Uint8Array) => {
      this.noteActivity()
      events.receive(chunk)
    })
    request.on('end', () => events.end())
    request.on('drain', () => {
      this.noteActivity()
      this.#waiting?.resolve()
      this.#waiting = undefined
      events.drained()
    })
    // A reset is one of the ways in which a peer leaves. The event `close` follows it.
    request.on('error', () => {})
    request.on('close', () => {
      this.giveUp(clientGone())
      events.lost()
    })
  }

  /** Resolves when more may be sent. Throws if the connection is gone. Only one caller may wait at a time. */
  async drained(): Promise<void> {
    if (this.#request.destroyed) throw clientGone()
    if (!this.#request.writableNeedDrain) return
    this.noteActivity()
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** To be called when the peer has done something, and when it is the peer's turn to do something. */
  noteActivity(): void {
    this.quietSince = performance.now()
  }

  /** Whoever waits in `drained` gets this error. */
  giveUp(error: ProtocolError): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }

  /**
   * Lets go of the connection if what was written has not left within that time: a peer that doesn't read would
   * keep it for ever.
   */
  closeWithin(ms: number): void {
    const timer = setTimeout(() => this.#request.destroy(), ms).unref()
    this.#request.once('close', () => clearTimeout(timer))
    this.#request.once('finish', () => clearTimeout(timer))
  }

  /** Whether so much waits to be sent that no more should be added. */
  get isFull(): boolean {
    return this.#request.writableNeedDrain
  }

  /** Whether to take what the peer sends. If not, it is soon held back by TCP. */
  set isReading(isReading: boolean) {
    if (!isReading) this.#request.pause()
    else if (this.#request.isPaused()) this.#request.resume()
  }
}

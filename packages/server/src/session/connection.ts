import type { Duplex } from 'node:stream'
import { ProtocolError } from '@jftp/protocol'

/** What a session wants to hear of its connection. */
export interface ConnectionEvents {
  receive(chunk: Uint8Array): void
  /** The peer sends no more, and may still read. */
  end(): void
  /** What waited to be sent has left: there is room again. */
  drained(): void
  /** Nothing goes either way any more. */
  lost(): void
}

/** The stream under a session: listeners set once, and one promise for back-pressure. */
export class Connection {
  readonly #request: Duplex
  /** When the peer last sent or took something, or the session began to wait for it: a `performance.now()`. */
  quietSince = performance.now()
  #waiting: { resolve: () => void; reject: (error: ProtocolError) => void } | undefined

  constructor(request: Duplex, events: ConnectionEvents) {
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
    // A reset is one of the ways a peer goes; `close` follows it and says so.
    request.on('error', () => {})
    request.on('close', () => {
      this.giveUp(gone())
      events.lost()
    })
  }

  /** Resolves when more may be sent; throws when nobody is there to read it. One caller at a time. */
  async drained(): Promise<void> {
    if (this.#request.destroyed) throw gone()
    if (!this.#request.writableNeedDrain) return
    this.noteActivity()
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  /** The peer has done something, or it is its turn now. */
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

  /** Whether the peer is to send more. */
  set reading(wanted: 'more' | 'wait') {
    if (wanted === 'wait') this.#request.pause()
    else if (this.#request.isPaused()) this.#request.resume()
  }
}

function gone(): ProtocolError {
  return new ProtocolError('cancelled', 'the client went away')
}

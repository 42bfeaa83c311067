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
  #waiting: { resolve: () => void; reject: (error: ProtocolError) => void } | undefined

  constructor(request: Duplex, events: ConnectionEvents) {
    this.#request = request
    request.on('data', (chunk: Uint8Array) => events.receive(chunk))
    request.on('end', () => events.end())
    request.on('drain', () => {
      this.#waiting?.resolve()
      this.#waiting = undefined
      events.drained()
    })
    // A reset is one of the ways a peer goes; `close` follows it and says so.
    request.on('error', () => {})
    request.on('close', () => {
      this.#waiting?.reject(gone())
      this.#waiting = undefined
      events.lost()
    })
  }

  /** Resolves when more may be sent; throws when nobody is there to read it. One caller at a time. */
  async drained(): Promise<void> {
    if (this.#request.destroyed) throw gone()
    if (!this.#request.writableNeedDrain) return
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
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

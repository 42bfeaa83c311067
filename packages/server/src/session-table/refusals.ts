import type { Socket } from 'node:net'
import { encodeJsonFrame, FrameType, type ProtocolError } from '@jftp/protocol'
import type { Address } from '@jftp/socketserver'
import type { SessionLog } from './session-log.js'

/**
 * Clients that are being told why they are refused, at most: each holds a descriptor until it has read that. Those
 * above are cut off without a word.
 */
const MAX_TOLD = 64

/** Milliseconds between two lines of the log, so that whoever knocks very often does not fill it. */
const LOG_INTERVAL = 1_000

/** Turns clients away, and says why: to them with a BYE, and to the operator in the log. */
export class Refusals {
  readonly #log: SessionLog
  #told = 0
  #unlogged = 0
  #loggedAt = Number.NEGATIVE_INFINITY

  constructor(log: SessionLog) {
    this.#log = log
  }

  /** The connection is still to be closed. */
  refuse(connection: Socket, client: Address, error: ProtocolError): void {
    this.#tell(connection, error)
    this.#unlogged++
    if (performance.now() - this.#loggedAt < LOG_INTERVAL) return
    this.#log.refused(client, error, this.#unlogged)
    this.#loggedAt = performance.now()
    this.#unlogged = 0
  }

  #tell(connection: Socket, error: ProtocolError): void {
    if (this.#told >= MAX_TOLD) {
      connection.destroy()
      return
    }
    this.#told++
    connection.once('close', () => this.#told--)
    connection.write(encodeJsonFrame(FrameType.BYE, 0, { error: error.toWire() }))
  }
}

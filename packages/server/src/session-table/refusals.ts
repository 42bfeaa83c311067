import type { Socket } from 'node:net'
import { encodeJsonFrame, FrameType, type ProtocolError } from '@jftp/protocol'
import type { Address } from '@jftp/socketserver'
import type { SessionLog } from './session-log.js'

/** Clients that are told at once why they are refused: each holds a descriptor until it has read that. */
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

  /** Whether so many are being told that one more should be cut off without a word. */
  get areMany(): boolean {
    return this.#told >= MAX_TOLD
  }

  /** Writes what the client is told. The connection is still to be closed. */
  refuse(connection: Socket, client: Address, error: ProtocolError): void {
    this.#told++
    connection.once('close', () => this.#told--)
    connection.write(encodeJsonFrame(FrameType.BYE, 0, { error: error.toWire() }))
    this.#unlogged++
    if (performance.now() - this.#loggedAt < LOG_INTERVAL) return
    this.#log.refused(client, error, this.#unlogged)
    this.#loggedAt = performance.now()
    this.#unlogged = 0
  }
}

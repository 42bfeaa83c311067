import type { Socket } from 'node:net'
import { encodeJsonFrame, FrameType, ProtocolError } from '@jftp/protocol'
import type { Address } from '@jftp/socketserver'
import type { SessionLog } from './session-log.js'

/** Maximum number of clients being told why they are refused. Each holds a descriptor until it has read the reason. */
const MAX_TOLD = 64

/** Milliseconds between two lines of the log, so that a client that connects again and again does not fill it. */
const LOG_INTERVAL = 1_000

/** Turns clients away, and says why: to them with a BYE, and to the operator in the log. */
export class Refusals {
  readonly #log: SessionLog
  readonly #onRefused: (error: ProtocolError) => void
  #told = 0
  /** Clients refused since the last line. */
  #unlogged = 0
  #last: { client: Address; error: ProtocolError } | undefined
  /** Runs for a second after each line. */
  #pause: NodeJS.Timeout | undefined

  constructor(log: SessionLog, onRefused: (error: ProtocolError) => void) {
    this.#log = log
    this.#onRefused = onRefused
  }

  /**
   * Writes what the client is told; the connection is still to be closed. If so many are being told that they could
   * use up the descriptors, this one is cut off without a word.
   */
  refuse(connection: Socket, client: Address, error: ProtocolError): void {
    if (this.#told < MAX_TOLD) this.#tell(connection, error)
    else connection.destroy()
    this.note(client, error)
  }

  /** Logs and counts a client that can't be told why it is refused. */
  note(client: Address, error: ProtocolError): void {
    this.#onRefused(error)
    this.#unlogged++
    this.#last = { client, error }
    if (this.#pause === undefined) this.#writeLine()
  }

  /** Logs the refusals that are not in the log yet. To be called when no more clients can come. */
  close(): void {
    clearTimeout(this.#pause)
    this.#writeLine()
  }

  #tell(connection: Socket, error: ProtocolError): void {
    this.#told++
    connection.once('close', () => this.#told--)
    tellRefusal(connection, error)
  }

  #writeLine(): void {
    this.#pause = undefined
    if (this.#unlogged === 0 || this.#last === undefined) return
    this.#log.refused(this.#last.client, this.#last.error, this.#unlogged)
    this.#unlogged = 0
    this.#pause = setTimeout(() => this.#writeLine(), LOG_INTERVAL).unref()
  }
}

/** Tells a client why it gets no session. */
export function tellRefusal(connection: Socket, error: ProtocolError): void {
  connection.write(encodeJsonFrame(FrameType.BYE, 0, { error: error.toWire() }))
}

/** Whether `admit` throws nothing. `refuse` gets the ProtocolError that it throws. */
export function isAdmitted(admit: () => void, refuse: (error: ProtocolError) => void): boolean {
  try {
    admit()
    return true
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    refuse(error)
    return false
  }
}

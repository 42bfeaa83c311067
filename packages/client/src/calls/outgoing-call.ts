import { type AckOf, type CommandName, type End, ProtocolError, parseAck, parseEnd } from '@jftp/protocol'
import { refusalOf } from '../errors/ftp-error.js'
import { type Answer, Call } from './call.js'

/** A request that brings bytes: REQUEST → ACK with the facts → DATA… → END. */
export abstract class OutgoingCall<C extends CommandName, T> extends Call<T> {
  declare readonly path: string
  readonly shape = 'outgoing'
  readonly #cmd: C
  #facts: AckOf<C> | undefined

  constructor(cmd: C, path: string, signal: AbortSignal | undefined) {
    super(path, signal)
    this.#cmd = cmd
  }

  /** The facts in the ACK; undefined until the server has answered. */
  get facts(): AckOf<C> | undefined {
    return this.#facts
  }

  ack(payload: Uint8Array): Answer {
    let facts: AckOf<C>
    try {
      facts = parseAck(this.#cmd, payload)
    } catch (error) {
      this.fail(refusalOf(error, this.path))
      return 'done'
    }
    this.#facts = facts
    this.begin(facts)
    return 'more'
  }

  override data(piece: Uint8Array): void {
    this.#requireAck('DATA')
    this.take(piece)
  }

  override end(payload: Uint8Array): void {
    this.#requireAck('END')
    this.finish(parseEnd(payload))
  }

  /** The server has answered and will send the bytes. Throws ProtocolError if it may not answer so. */
  protected begin(_facts: AckOf<C>): void {}

  protected abstract take(piece: Uint8Array): void

  protected abstract finish(end: End): void

  #requireAck(frame: string): void {
    if (this.#facts !== undefined) return
    throw new ProtocolError('protocol-error', `${frame} came before the ACK of its ${this.#cmd}`)
  }
}

import { writeSync } from 'node:fs'
import {
  type AckOf,
  checkDelivery,
  createDigester,
  type DigestAlgorithm,
  type Digester,
  type End,
  ProtocolError,
  parseAck,
  parseEnd,
} from '@jftp/protocol'
import { type Answer, Call, type Start } from '../calls/call.js'
import type { Connection } from '../connection/connection.js'
import type { Memory } from '../connection/dial.js'
import { fromProtocolError, refusalOf } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'

/** A part of a remote file, and where its bytes go. */
export interface Segment {
  readonly path: string
  readonly offset: number
  readonly length: number
  readonly digest: DigestAlgorithm
  /** Open for writing; undefined if only the facts are asked for. */
  readonly fd: number | undefined
  readonly signal: AbortSignal | undefined
  /** Called with the size of what has come. */
  readonly onBytes: (bytes: number) => void
}

/** Fetches one segment and compares its digest. Resolves to the facts of the whole file. */
export class SegmentCall extends Call<AckOf<'get'>> {
  declare readonly path: string
  readonly shape = 'outgoing'
  readonly #connection: Connection
  readonly #segment: Segment
  #digester: Digester | undefined
  #facts: AckOf<'get'> | undefined
  #came = 0
  #pieces: Uint8Array[] = []
  #end: End | undefined

  constructor(connection: Connection, segment: Segment) {
    super(segment.path, segment.signal)
    this.#connection = connection
    this.#segment = segment
  }

  override prepare(): Promise<void> | undefined {
    return this.#connection.digests.prepare(this.#segment.digest)
  }

  start(id: number): Start {
    const { path, offset, length, digest } = this.#segment
    this.#digester = createDigester(digest)
    this.#connection.outbox.request(id, 'get', { path, offset, length, digest })
    return 'sent'
  }

  ack(payload: Uint8Array): Answer {
    let facts: AckOf<'get'>
    try {
      facts = parseAck('get', payload)
    } catch (error) {
      this.fail(refusalOf(error, this.path))
      return 'done'
    }
    if ((facts.offset ?? 0) !== this.#segment.offset) {
      throw new ProtocolError(
        'protocol-error',
        `a body from byte ${facts.offset ?? 0} on, which was not asked for`,
      )
    }
    this.#facts = facts
    return 'more'
  }

  override data(piece: Uint8Array): void {
    if (this.#facts === undefined)
      throw new ProtocolError('protocol-error', 'DATA came before the ACK of its get')
    this.#pieces.push(piece)
  }

  override end(payload: Uint8Array): void {
    if (this.#facts === undefined)
      throw new ProtocolError('protocol-error', 'END came before the ACK of its get')
    this.#end = parseEnd(payload)
  }

  override deliver(): Memory {
    const pieces = this.#pieces
    this.#pieces = []
    if (this.settled) return 'free'
    try {
      for (const piece of pieces) this.#write(piece)
      if (this.#end !== undefined) this.#finish(this.#end)
    } catch (error) {
      this.#connection.cancel(
        this,
        fromLocalError(error, error instanceof ProtocolError ? this.path : undefined),
      )
    }
    return 'free'
  }

  get awaited(): string {
    return `bytes of ${this.path} from ${this.#segment.offset + this.#came} on`
  }

  afterLoss(): string {
    return `${this.path} was not fetched whole and no file was changed; get it again`
  }

  #write(piece: Uint8Array): void {
    const { fd, offset, length, onBytes } = this.#segment
    if (fd === undefined || this.#came + piece.length > length) {
      throw new ProtocolError('size-mismatch', `more than the ${length} bytes that were asked for came`)
    }
    for (let done = 0; done < piece.length; ) {
      done += writeSync(fd, piece, done, piece.length - done, offset + this.#came + done)
    }
    this.#digester?.update(piece)
    this.#came += piece.length
    onBytes(piece.length)
  }

  #finish(end: End): void {
    if (end.type === 'failed') {
      const { code, message, path } = end.error
      return this.fail(fromProtocolError(new ProtocolError(code, message), path ?? this.path))
    }
    checkDelivery(end, { size: this.#came, digest: this.#digester?.digest() })
    if (this.#came !== this.#segment.length) {
      throw new ProtocolError(
        'size-mismatch',
        `${this.#segment.length} bytes were asked for and ${this.#came} came`,
      )
    }
    if (this.#facts !== undefined) this.succeed(this.#facts)
  }
}

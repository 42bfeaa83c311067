import { writeSync } from 'node:fs'
import {
  type AckOf,
  checkDelivery,
  createDigester,
  type DigestAlgorithm,
  type Digester,
  ProtocolError,
} from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Start } from '../calls/call.js'
import type { Connection } from '../connection/connection.js'
import { DownloadCall } from '../download/download-call.js'

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
export class SegmentCall extends DownloadCall<AckOf<'get'>> {
  protected readonly local = undefined
  protected readonly memory = 'free'
  readonly #segment: Segment
  #digester: Digester | undefined
  #came = 0

  constructor(connection: Connection, segment: Segment) {
    super(connection, segment.path, segment)
    this.#segment = segment
  }

  start(id: number): Start {
    const { path, offset, length, digest } = this.#segment
    this.#digester = createDigester(digest)
    this.connection.outbox.request(id, 'get', { path, offset, length, digest })
    return 'sent'
  }

  get awaited(): string {
    return `bytes of ${this.path} from ${this.#segment.offset + this.#came} on`
  }

  afterLoss(): string {
    return `${this.path} was not fetched whole and no file was changed; get it again`
  }

  protected override begin({ offset = 0 }: AckOf<'get'>): void {
    if (offset === this.#segment.offset) return
    throw new ProtocolError('protocol-error', `a body from byte ${offset} on, which was not asked for`)
  }

  protected write(pieces: Uint8Array[]): void {
    for (const piece of pieces) this.#writePiece(piece)
  }

  protected complete(announced: TransferSummary): void {
    checkDelivery(announced, { size: this.#came, digest: this.#digester?.digest() })
    if (this.#came !== this.#segment.length) {
      throw new ProtocolError(
        'size-mismatch',
        `${this.#segment.length} bytes were asked for and ${this.#came} came`,
      )
    }
    if (this.facts !== undefined) this.succeed(this.facts)
  }

  #writePiece(piece: Uint8Array): void {
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
}

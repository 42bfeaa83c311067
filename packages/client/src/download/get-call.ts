import {
  type AckOf,
  checkDelivery,
  type Digest,
  type DigestAlgorithm,
  type End,
  ProtocolError,
  parseAck,
  parseEnd,
  type RequestInput,
} from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { GetOptions } from '../call-options.js'
import { type Answer, Call, type Ownership, type Start } from '../calls/call.js'
import type { Connection } from '../connection/connection.js'
import type { Memory } from '../connection/dial.js'
import { FtpError, fromProtocolError, refusalOf } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { reportProgress } from '../progress.js'
import type { TransferResult } from '../transfer-result.js'
import type { DownloadOutcome, DownloadSink } from './download-sink.js'

/** REQUEST → ACK with the facts → DATA… → END. After that the file is made durable on this side. */
export class GetCall extends Call<TransferResult> {
  declare readonly path: string
  readonly shape = 'outgoing'
  readonly #connection: Connection
  readonly #download: DownloadSink
  readonly #options: GetOptions
  readonly #alg: DigestAlgorithm
  #started = 0
  #facts: AckOf<'get'> | undefined
  #bytes = 0
  /** Pieces of the chunk being decoded. */
  #pieces: Uint8Array[] = []
  #end: End | undefined
  /** The download takes no more until this resolves. */
  #full: Promise<void> | undefined

  constructor(connection: Connection, path: string, download: DownloadSink, options: GetOptions) {
    super(path, options.signal)
    this.#connection = connection
    this.#download = download
    this.#options = options
    this.#alg = options.digest ?? connection.digest
  }

  override prepare(): Promise<void> | undefined {
    return this.#connection.digests.prepare(this.#alg)
  }

  start(id: number): Start {
    this.#started = performance.now()
    if (this.#download.prepare() === 'skipped') {
      this.succeed(this.#result({ status: 'skipped' }, undefined))
      return 'nothing'
    }
    this.#connection.outbox.request(id, 'get', this.#request())
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
    const { offset = 0 } = facts
    if (offset !== 0 && (offset !== this.#download.start?.size || offset > facts.size)) {
      throw new ProtocolError('protocol-error', `a body from byte ${offset} on, which was not asked for`)
    }
    this.#facts = facts
    this.#bytes = offset
    if (this.settled) return 'more'
    if (this.#download.skips(facts)) {
      this.succeed(this.#result({ status: 'skipped' }, undefined))
      this.#connection.stop(this)
    } else {
      this.#guard(() => this.#download.open(facts, this.#alg, offset))
    }
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

  override deliver(ownership: Ownership): Memory {
    const pieces = this.#pieces
    this.#pieces = []
    if (this.settled) return 'free'
    this.#guard(() => {
      if (pieces.length > 0) this.#write(pieces, ownership)
      if (this.#end === undefined) return
      if (this.#end.type === 'failed') {
        const { code, message, path } = this.#end.error
        this.fail(fromProtocolError(new ProtocolError(code, message), path ?? this.path))
      } else if (this.#full === undefined) {
        this.#finish(this.#end)
      } else {
        const end = this.#end
        void this.#full.then(() => this.#guard(() => this.#finish(end)))
      }
    })
    return pieces.length > 0 ? this.#download.memory : 'free'
  }

  #request(): RequestInput<'get'> {
    const { size: offset, digest: prefix, version } = this.#download.start ?? {}
    return { path: this.path, digest: this.#alg, offset, prefix, ...version }
  }

  /** Bytes the file has, as the ACK announced. */
  get #size(): number {
    return this.#facts?.size ?? 0
  }

  get awaited(): string {
    if (this.#facts === undefined) return `the answer to 'get' of ${this.path}`
    return `the rest of ${this.path} (${this.#bytes} of ${this.#size} bytes came)`
  }

  afterLoss(): string {
    const of = this.#facts === undefined ? '' : ` of ${this.#facts.size}`
    return `${this.path} was not fetched whole (${this.#bytes}${of} bytes came) and no file was changed; get it again`
  }

  protected override dropped(error: FtpError): void {
    this.#pieces = []
    this.#download.discard(error)
  }

  #write(pieces: Uint8Array[], ownership: Ownership): void {
    for (const piece of pieces) this.#bytes += piece.length
    if (this.#bytes > this.#size) throw otherSize(this.#size, `at least ${this.#bytes}`)
    const full = this.#download.write(pieces, ownership)
    reportProgress(this.#options.onProgress, { bytes: this.#bytes, total: this.#facts?.size })
    if (full === undefined) return
    this.#connection.hold(this, 'always')
    this.#full = full.then(
      () => {
        this.#full = undefined
        this.#connection.release(this)
      },
      (error: unknown) => this.#connection.cancel(this, this.#ours(error)),
    )
  }

  #finish(announced: TransferSummary): void {
    if (this.settled) return
    const received = this.#download.finish()
    if (received instanceof Promise) {
      received.then(
        (passed) => this.#guard(() => this.#keep(announced, passed)),
        (error: unknown) => this.fail(this.#ours(error)),
      )
    } else {
      this.#keep(announced, received)
    }
  }

  #keep(announced: TransferSummary, received: TransferSummary): void {
    if (this.settled) return
    checkDelivery(announced, received, MISMATCH_ADVICE)
    if (received.size !== this.#size) throw otherSize(this.#size, String(received.size))
    // If nothing came, nobody has heard of it yet.
    const isAllThere = (this.#facts?.offset ?? 0) === received.size
    if (isAllThere) reportProgress(this.#options.onProgress, { bytes: received.size, total: received.size })
    this.#download.commit((outcome) => {
      if (outcome instanceof FtpError) this.fail(outcome)
      else this.succeed(this.#result(outcome, received.digest))
    })
  }

  /** A failure on this side ends the call, at the server too. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#connection.cancel(this, this.#ours(error))
    }
  }

  /** What the sink or a callback threw is about the local path, a check of the protocol about the remote one. */
  #ours(error: unknown): FtpError {
    return fromLocalError(error, error instanceof ProtocolError ? this.path : this.#download.local)
  }

  #result(
    { status, local = this.#download.local }: DownloadOutcome,
    digest: Digest | undefined,
  ): TransferResult {
    const ms = performance.now() - this.#started
    const path = this.#facts?.path ?? this.path
    const isWhole = status === 'received'
    const resumedFrom = isWhole ? (this.#facts?.offset ?? 0) : 0
    const result = { path, bytes: isWhole ? this.#bytes : 0, digest, status, resumedFrom, ms }
    return local === undefined ? result : { ...result, local }
  }
}

/** A server may know the digest from an earlier reading. If its disk gives other bytes now, every get fails. */
const MISMATCH_ADVICE = "get it again; if that fails too, the file is damaged on the server's disk"

function otherSize(announced: number, came: string): ProtocolError {
  return new ProtocolError(
    'size-mismatch',
    `the server announced ${announced} bytes and sent ${came}; get the file again`,
  )
}

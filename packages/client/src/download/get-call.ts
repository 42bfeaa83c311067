import { type AckOf, checkDelivery, type Digest, ProtocolError, type RequestInput } from '@jftp/protocol'
import { MIN_PART_SIZE, type TransferSummary } from '@jftp/transfer'
import type { GetOptions } from '../call-options.js'
import type { Ownership, Start } from '../calls/call.js'
import type { Connection } from '../connection/connection.js'
import type { Memory } from '../connection/dial.js'
import { FtpError } from '../errors/ftp-error.js'
import { reportProgress } from '../progress.js'
import type { TransferResult } from '../transfer-result.js'
import { DownloadCall } from './download-call.js'
import type { DownloadOutcome, DownloadSink } from './download-sink.js'

/** Fetches a whole file. After its END the file is made durable on this side. */
export class GetCall extends DownloadCall<TransferResult> {
  readonly #download: DownloadSink
  readonly #options: GetOptions
  #started = 0
  #bytes = 0
  /** The download takes no more until this resolves. */
  #full: Promise<void> | undefined

  constructor(connection: Connection, path: string, download: DownloadSink, options: GetOptions) {
    super(connection, path, { digest: options.digest ?? connection.digest, signal: options.signal })
    this.#download = download
    this.#options = options
  }

  start(id: number): Start {
    this.#started = performance.now()
    if (this.#download.prepare() === 'skipped') {
      this.succeed(this.#result({ status: 'skipped' }, undefined))
      return 'nothing'
    }
    this.connection.outbox.request(id, 'get', this.#request())
    return 'sent'
  }

  get awaited(): string {
    if (this.facts === undefined) return `the answer to 'get' of ${this.path}`
    return `the rest of ${this.path} (${this.#bytes} of ${this.#size} bytes came)`
  }

  afterLoss(): string {
    const of = this.facts === undefined ? '' : ` of ${this.facts.size}`
    const isKept = this.#bytes >= MIN_PART_SIZE && this.local !== undefined
    const continuation = isKept ? "; with -c (onExists: 'resume') it goes on from there" : ''
    return `${this.path} was not fetched whole (${this.#bytes}${of} bytes came) and no file was changed; get it again${continuation}`
  }

  protected get local(): string | undefined {
    return this.#download.local
  }

  protected get memory(): Memory {
    return this.#download.memory
  }

  protected override begin(facts: AckOf<'get'>): void {
    const { offset = 0 } = facts
    if (offset !== 0 && (offset !== this.#download.start?.size || offset > facts.size)) {
      throw new ProtocolError('protocol-error', `a body from byte ${offset} on, which was not asked for`)
    }
    this.#bytes = offset
    if (this.settled) return
    if (this.#download.skips(facts)) {
      this.succeed(this.#result({ status: 'skipped' }, undefined))
      this.connection.stop(this)
    } else {
      this.guard(() => this.#download.open(facts, this.digest, offset))
    }
  }

  protected write(pieces: Uint8Array[], ownership: Ownership): void {
    for (const piece of pieces) this.#bytes += piece.length
    if (this.#bytes > this.#size) throw otherSize(this.#size, `at least ${this.#bytes}`)
    const full = this.#download.write(pieces, ownership)
    this.#progress(this.#bytes)
    if (full === undefined) return
    this.connection.hold(this, 'always')
    this.#full = full.then(
      () => {
        this.#full = undefined
        this.connection.release(this)
      },
      (error: unknown) => this.connection.cancel(this, this.localFailure(error)),
    )
  }

  protected complete(announced: TransferSummary): void {
    if (this.#full === undefined) this.#receive(announced)
    else void this.#full.then(() => this.guard(() => this.#receive(announced)))
  }

  protected override dropped(error: FtpError): void {
    super.dropped(error)
    this.#download.discard(error)
  }

  #request(): RequestInput<'get'> {
    const { size: offset, digest: prefix, version } = this.#download.start ?? {}
    return { path: this.path, digest: this.digest, offset, prefix, ...version }
  }

  /** Bytes the file has, as the ACK announced. */
  get #size(): number {
    return this.facts?.size ?? 0
  }

  #progress(bytes: number): void {
    const { size: total, offset = 0 } = this.facts ?? {}
    const resumed = offset > 0 ? { resumedFrom: offset } : {}
    reportProgress(this.#options.onProgress, { bytes, total, ...resumed })
  }

  #receive(announced: TransferSummary): void {
    if (this.settled) return
    const received = this.#download.finish()
    if (received instanceof Promise) {
      received.then(
        (passed) => this.guard(() => this.#keep(announced, passed)),
        (error: unknown) => this.fail(this.localFailure(error)),
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
    const isAllThere = (this.facts?.offset ?? 0) === received.size
    if (isAllThere) this.#progress(received.size)
    this.#download.commit((outcome) => {
      if (outcome instanceof FtpError) this.fail(outcome)
      else this.succeed(this.#result(outcome, received.digest))
    })
  }

  #result(
    { status, local = this.#download.local }: DownloadOutcome,
    digest: Digest | undefined,
  ): TransferResult {
    const ms = performance.now() - this.#started
    const path = this.facts?.path ?? this.path
    const isWhole = status === 'received'
    const resumedFrom = isWhole ? (this.facts?.offset ?? 0) : 0
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

import {
  checkDelivery,
  type Digest,
  type DigestAlgorithm,
  encodeJsonFrame,
  FRAME_HEADER_SIZE,
  FrameType,
  ProtocolError,
  parseAck,
  type RequestInput,
  writeFrameHeader,
} from '@jftp/protocol'
import { type ByteSource, type DataFrame, payloadSize, type TransferSummary } from '@jftp/transfer'
import type { PutOptions } from '../call-options.js'
import { type Answer, Call, type Start } from '../calls/call.js'
import type { Connection } from '../connection/connection.js'
import { type FtpError, refusalOf, toFtpError } from '../errors/ftp-error.js'
import type { FtpErrorCode } from '../errors/ftp-error-code.js'
import { fromLocalError } from '../errors/local-error.js'
import { reportProgress } from '../progress-report.js'
import type { TransferResult } from '../transfer-result.js'
import { digestWhole } from './digest-whole.js'
import type { StreamedUpload, UploadSource, WholeUpload } from './upload-source.js'

/** What `rename` calls a file whose name is taken. */
const COPY = /[^/]\.new(?:\.\d+)?$/

/** How far an upload is. */
type Phase =
  | { readonly name: 'waiting' }
  /** Asked, and waiting for `ready`. */
  | { readonly name: 'asked'; readonly id: number; readonly upload: StreamedUpload }
  /** Its body is being sent. */
  | { readonly name: 'sending'; readonly id: number; readonly upload: StreamedUpload }
  /** All is sent that will be; what was announced waits to be confirmed. */
  | { readonly name: 'sent'; readonly announced: TransferSummary }
  /** Given up, or never begun. */
  | { readonly name: 'stopped' }

/** REQUEST → ACK `ready` → DATA… → END → ACK; where the content is short: REQUEST, DATA, END → ACK. */
export class PutCall extends Call<TransferResult> {
  declare readonly path: string
  readonly shape = 'incoming'
  readonly #connection: Connection
  readonly #source: UploadSource
  readonly #options: PutOptions
  readonly #alg: DigestAlgorithm
  #phase: Phase = { name: 'waiting' }
  #started = 0
  #bytes = 0
  #total: number | undefined

  constructor(connection: Connection, source: UploadSource, path: string, options: PutOptions) {
    super(path, options.signal)
    this.#connection = connection
    this.#source = source
    this.#options = options
    this.#alg = options.digest ?? connection.digest
  }

  start(id: number): Start {
    this.#started = performance.now()
    const upload = this.#source.open()
    this.#total = upload.size
    return upload.kind === 'whole' ? this.#sendWhole(id, upload) : this.#ask(id, upload)
  }

  ack(payload: Uint8Array): Answer {
    let facts: ReturnType<typeof parseAck<'put'>>
    try {
      facts = parseAck('put', payload)
    } catch (error) {
      this.fail(refusalOf(error, this.path))
      this.#stop()
      return 'done'
    }
    if (facts.status === 'ready') return this.#begin(facts.offset)
    this.#checkPath(facts)
    if (facts.status === 'skipped') {
      this.#stop()
      this.succeed(this.#result(facts.path, 'skipped', undefined))
      return 'done'
    }
    if (this.#phase.name === 'sent') this.#confirm(this.#phase.announced, facts)
    else if (!this.settled)
      throw new ProtocolError('protocol-error', `${this.path} was stored before it was sent`)
    return 'done'
  }

  get awaited(): string | undefined {
    // While a body is sent, the next step is this side's.
    if (this.#phase.name === 'sending') return undefined
    return this.#phase.name === 'sent'
      ? `the confirmation that ${this.path} is stored`
      : `the answer to 'put' of ${this.path}`
  }

  afterLoss(): string {
    if (this.#phase.name === 'sent') {
      return `${this.path} may or may not have been stored, never a part of it; look, or put it again`
    }
    const sent = this.#total === undefined ? `${this.#bytes}` : `${this.#bytes} of ${this.#total}`
    return `${this.path} was not stored (${sent} bytes were sent) and what was there is unchanged; put it again`
  }

  protected override dropped(error: FtpError): void {
    if (this.#phase.name === 'waiting') this.#source.abandon()
    // A server that has not answered `ready` yet gets its END when it does.
    if (this.#phase.name !== 'asked' || this.stage.name === 'answered') this.#stop(error.code)
  }

  #sendWhole(id: number, upload: WholeUpload): Start {
    const { outbox } = this.#connection
    const request = encodeJsonFrame(FrameType.REQUEST, id, this.#request(upload, 'eager'))
    const body = upload.size === 0 ? 0 : FRAME_HEADER_SIZE + upload.size
    const frames = outbox.reserve(request.length + body)
    const content = frames.subarray(frames.length - upload.size)
    try {
      upload.fill(content)
    } catch (error) {
      outbox.unreserve(frames.length)
      throw error
    }
    frames.set(request)
    if (body > 0) writeFrameHeader(frames.subarray(request.length), FrameType.DATA, id, upload.size)
    const announced = { size: upload.size, digest: digestWhole(this.#alg, content) }
    outbox.add(encodeJsonFrame(FrameType.END, id, announced))
    this.#bytes = upload.size
    this.#phase = { name: 'sent', announced }
    return 'sent'
  }

  #ask(id: number, upload: StreamedUpload): Start {
    const { cmd, ...args } = this.#request(upload, 'wait')
    this.#connection.outbox.request(id, cmd, args)
    this.#phase = { name: 'asked', id, upload }
    return 'body-follows'
  }

  #request(
    upload: WholeUpload | StreamedUpload,
    mode: 'eager' | 'wait',
  ): { cmd: 'put' } & RequestInput<'put'> {
    const { onExists, preserve } = this.#options
    const facts = preserve === undefined ? undefined : upload.facts
    // Undefined fields don't reach the JSON.
    return {
      cmd: 'put',
      path: this.path,
      size: upload.size,
      digest: this.#alg,
      mtime: facts?.mtime,
      mode: this.#options.mode ?? facts?.mode,
      createMode: facts === undefined ? upload.facts?.mode : undefined,
      onExists,
      eager: mode === 'eager' ? true : undefined,
    }
  }

  #begin(offset: number): Answer {
    if (this.#phase.name !== 'asked') throw new ProtocolError('protocol-error', "'ready' came unasked")
    if (offset !== 0)
      throw new ProtocolError('protocol-error', `'ready' for offset ${offset} of a whole upload`)
    this.#phase = { ...this.#phase, name: 'sending' }
    if (this.settled) this.#stop()
    else void this.#sendBody(this.#phase.upload)
    return 'more'
  }

  async #sendBody(upload: StreamedUpload): Promise<void> {
    try {
      const source = upload.read(this.#alg)
      while (this.#phase.name === 'sending') {
        const next = source.read()
        const piece = next instanceof Promise ? await next : next
        if (this.#phase.name !== 'sending') return
        if (piece === undefined) {
          const finish = source.finish()
          this.#endBody(finish instanceof Promise ? await finish : finish)
          return
        }
        this.#sendPiece(this.#phase.id, piece, source)
        if (this.#connection.outbox.full) await this.#connection.outbox.room()
      }
    } catch (error) {
      this.fail(fromLocalError(error, this.#source.local))
    }
  }

  #sendPiece(id: number, { frame }: DataFrame, source: ByteSource): void {
    const size = payloadSize({ frame })
    writeFrameHeader(frame, FrameType.DATA, id, size)
    this.#connection.outbox.send(frame, () => {
      source.recycle(frame.buffer)
      this.#progress(size)
    })
  }

  #endBody(announced: TransferSummary): void {
    if (this.#phase.name !== 'sending') return
    const { id, upload } = this.#phase
    this.#connection.outbox.add(encodeJsonFrame(FrameType.END, id, announced))
    this.#phase = { name: 'sent', announced }
    this.#leave(upload)
  }

  /** No more bytes of this upload: a server that waits for them is told. */
  #stop(why?: FtpErrorCode): void {
    const phase = this.#phase
    if (phase.name === 'stopped') return
    this.#phase = { name: 'stopped' }
    if (phase.name !== 'asked' && phase.name !== 'sending') return
    if (phase.name === 'sending') {
      const error = new ProtocolError(why === 'changed' ? why : 'cancelled', 'the sender stopped')
      this.#connection.outbox.add(encodeJsonFrame(FrameType.END, phase.id, { error: error.toWire() }))
    }
    this.#leave(phase.upload)
  }

  #leave(upload: StreamedUpload): void {
    upload.close()
    this.#connection.endUpload(this)
  }

  /** An answer that does not fit what was asked must not pass for a success. */
  #checkPath({ status, path }: { status: 'skipped' | 'stored'; path: string }): void {
    const { onExists } = this.#options
    if (status === 'skipped' && onExists !== 'skip') {
      throw new ProtocolError('protocol-error', `${this.path} was skipped, which nobody asked for`)
    }
    // Through a link, the copy is beside the file that the link leads to.
    const mayBe = path === this.path || (onExists === 'rename' && status === 'stored' && COPY.test(path))
    if (!mayBe)
      throw new ProtocolError('protocol-error', `${this.path} was ${status} as ${JSON.stringify(path)}`)
  }

  #confirm(
    announced: TransferSummary,
    stored: { path: string; size: number; digest?: Digest | undefined },
  ): void {
    try {
      checkDelivery(announced, stored)
      this.#bytes = announced.size
      this.#progress(0)
      this.succeed(this.#result(stored.path, 'sent', announced.digest))
    } catch (error) {
      this.fail(toFtpError(error, this.path))
    }
  }

  #progress(bytes: number): void {
    this.#bytes += bytes
    if (this.settled) return
    try {
      reportProgress(this.#options.onProgress, { bytes: this.#bytes, total: this.#total })
    } catch (error) {
      this.#connection.cancel(this, toFtpError(error))
    }
  }

  #result(path: string, status: 'sent' | 'skipped', digest: Digest | undefined): TransferResult {
    const { local } = this.#source
    const bytes = status === 'sent' ? this.#bytes : 0
    const ms = performance.now() - this.#started
    const result = { path, bytes, digest, status, resumedFrom: 0, ms }
    return local === undefined ? result : { ...result, local }
  }
}

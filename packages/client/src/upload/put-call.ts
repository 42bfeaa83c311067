import {
  type AckOf,
  checkDelivery,
  type Digest,
  type DigestAlgorithm,
  ProtocolError,
  parseAck,
} from '@jftp/protocol'
import { type FileStart, MIN_PART_SIZE, type TransferSummary } from '@jftp/transfer'
import type { PutOptions } from '../call-options.js'
import { type Answer, Call, type Start } from '../calls/call.js'
import type { Connection } from '../connection/connection.js'
import { FtpError, refusalOf, toFtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { reportProgress } from '../progress.js'
import type { TransferResult } from '../transfer-result.js'
import { BodySender } from './body-sender.js'
import { sendEagerPut } from './eager-put.js'
import { compareStart } from './kept-start.js'
import { toRequest } from './put-request.js'
import type { StreamedBody, UploadSource } from './upload-source.js'

/** What `rename` calls a file whose name is taken. */
const COPY = /[^/]\.new(?:\.\d+)?$/

/** How far an upload is. */
type Phase =
  | { readonly type: 'waiting' }
  /** The request was sent, and `ready` has not come yet. */
  | { readonly type: 'asked'; readonly id: number; readonly body: StreamedBody }
  | { readonly type: 'sending'; readonly sender: BodySender }
  /** END was sent, and what it announced is not confirmed yet. */
  | { readonly type: 'sent'; readonly announced: TransferSummary }
  /** Nothing more will be sent. */
  | { readonly type: 'stopped' }

/** REQUEST → ACK `ready` → DATA… → END → ACK; if the content is short: REQUEST, DATA, END → ACK. */
export class PutCall extends Call<TransferResult> {
  declare readonly path: string
  readonly shape = 'incoming'
  readonly #connection: Connection
  readonly #source: UploadSource
  readonly #options: PutOptions
  readonly #alg: DigestAlgorithm
  readonly #resume: 'resume' | 'anew'
  #phase: Phase = { type: 'waiting' }
  #started = 0
  #bytes = 0
  #total: number | undefined
  /** The byte of the source at which its body began. */
  #offset = 0

  /** `resume`: whether to go on with what the server has kept of the same source. */
  constructor(
    connection: Connection,
    source: UploadSource,
    path: string,
    options: PutOptions,
    resume: 'resume' | 'anew',
  ) {
    super(path, options.signal)
    this.#resume = resume
    this.#connection = connection
    this.#source = source
    this.#options = options
    this.#alg = options.digest ?? connection.digest
  }

  override prepare(): Promise<void> | undefined {
    return this.#connection.digests.prepare(this.#alg)
  }

  start(id: number): Start {
    this.#started = performance.now()
    const body = this.#source.open()
    this.#total = body.size
    const request = toRequest(this.path, body, this.#alg, this.#options, this.#resume)
    const { outbox } = this.#connection
    if (body.type === 'whole') {
      const announced = sendEagerPut(outbox, id, { cmd: 'put', ...request }, body, this.#alg)
      this.#bytes = body.size
      this.#phase = { type: 'sent', announced }
      return 'sent'
    }
    outbox.request(id, 'put', request)
    this.#phase = { type: 'asked', id, body }
    return 'body-follows'
  }

  ack(payload: Uint8Array): Answer {
    let facts: AckOf<'put'>
    try {
      facts = parseAck('put', payload)
    } catch (error) {
      this.fail(refusalOf(error, this.path))
      this.#stop()
      return 'done'
    }
    if (facts.status === 'ready') return this.#begin(facts)
    this.#checkPath(facts)
    if (facts.status === 'skipped') {
      this.#stop()
      this.succeed(this.#result(facts.path, 'skipped', undefined))
    } else if (this.#phase.type === 'sent') {
      this.#confirm(this.#phase.announced, facts)
    } else if (!this.settled) {
      throw new ProtocolError('protocol-error', `${this.path} was stored before it was sent`)
    }
    return 'done'
  }

  get awaited(): string | undefined {
    // While a body is sent, the next step is this side's.
    if (this.#phase.type === 'sending') return undefined
    return this.#phase.type === 'sent'
      ? `the confirmation that ${this.path} is stored`
      : `the answer to 'put' of ${this.path}`
  }

  afterLoss(): string {
    if (this.#phase.type === 'sent') {
      return `${this.path} may or may not have been stored, never a part of it; look, or put it again`
    }
    const sent = this.#total === undefined ? `${this.#bytes}` : `${this.#bytes} of ${this.#total}`
    return `${this.path} was not stored (${sent} bytes were sent) and what was there is unchanged; put it again${this.#continuation}`
  }

  /** How to go on with what the server may have kept; nothing if it keeps nothing. */
  get #continuation(): string {
    const isKept = this.#bytes >= MIN_PART_SIZE && this.#source.local !== undefined
    return isKept ? "; with -c (onExists: 'resume') it goes on from what the server has kept" : ''
  }

  protected override dropped(error: FtpError): void {
    if (this.#phase.type === 'waiting') this.#source.abandon()
    // If the server has not answered `ready` yet, it gets its END when it does.
    if (this.#phase.type !== 'asked' || this.stage.type === 'answered') this.#stop(error)
  }

  #begin({ offset, digest }: { offset: number; digest?: Digest | undefined }): Answer {
    if (this.#phase.type !== 'asked') throw new ProtocolError('protocol-error', "'ready' came unasked")
    const { id, body } = this.#phase
    if (offset !== 0 && (this.#resume === 'anew' || offset > (body.size ?? 0) || digest === undefined)) {
      throw new ProtocolError('protocol-error', `'ready' for offset ${offset}, which can't be continued from`)
    }
    const sender = new BodySender(this.#connection, id, body, (bytes) => this.#progress(bytes))
    this.#phase = { type: 'sending', sender }
    if (this.settled) this.#stop()
    else void this.#sendBody(sender, body, offset, digest)
    return 'more'
  }

  async #sendBody(
    sender: BodySender,
    body: StreamedBody,
    offset: number,
    kept: Digest | undefined,
  ): Promise<void> {
    try {
      const start = offset === 0 ? undefined : await this.#readKeptStart(body, offset, kept)
      this.#offset = offset
      if (start !== undefined) this.#progress(start.size)
      const announced = await sender.send(this.#alg, start)
      if (announced === undefined) return
      this.#phase = { type: 'sent', announced }
      this.#connection.endUpload(this)
    } catch (error) {
      this.fail(fromLocalError(error, this.#source.local))
    }
  }

  /** What the server has kept, if that is how the source begins. */
  #readKeptStart(body: StreamedBody, size: number, digest: Digest | undefined): Promise<FileStart> {
    const kept = { path: this.path, size, digest }
    return compareStart(body, kept, this.#alg, () => this.#connection.sendPing())
  }

  /** Nothing more of this upload is sent, and the next one may go. */
  #stop(why?: FtpError): void {
    const phase = this.#phase
    this.#phase = { type: 'stopped' }
    if (phase.type === 'sending') phase.sender.stop(why?.code === 'changed' ? 'changed' : 'cancelled')
    else if (phase.type === 'asked') phase.body.close()
    else return
    this.#connection.endUpload(this)
  }

  /** An answer that does not fit what was asked must not pass for a success. */
  #checkPath({ status, path }: { status: 'skipped' | 'unchanged' | 'stored'; path: string }): void {
    const { onExists } = this.#options
    if (status === 'unchanged' && this.#resume === 'anew') {
      throw new ProtocolError('protocol-error', `${this.path} was compared, which nobody asked for`)
    }
    if (status === 'skipped' && onExists !== 'skip' && onExists !== 'newer') {
      throw new ProtocolError('protocol-error', `${this.path} was skipped, which nobody asked for`)
    }
    // Through a link, the copy is beside the file that the link leads to.
    const mayBe = path === this.path || (onExists === 'rename' && status === 'stored' && COPY.test(path))
    if (!mayBe) {
      throw new ProtocolError('protocol-error', `${this.path} was ${status} as ${JSON.stringify(path)}`)
    }
  }

  #confirm(
    announced: TransferSummary,
    answer: {
      status: 'unchanged' | 'stored'
      path: string
      size: number
      digest?: Digest | undefined
    },
  ): void {
    try {
      checkDelivery(announced, answer)
      this.#bytes = announced.size
      this.#progress(0)
      const status = answer.status === 'stored' ? 'sent' : 'unchanged'
      this.succeed(this.#result(answer.path, status, announced.digest))
    } catch (error) {
      this.fail(toFtpError(error, this.path))
    }
  }

  #progress(bytes: number): void {
    this.#bytes += bytes
    if (this.settled) return
    try {
      const resumed = this.#offset > 0 ? { resumedFrom: this.#offset } : {}
      reportProgress(this.#options.onProgress, { bytes: this.#bytes, total: this.#total, ...resumed })
    } catch (error) {
      this.#connection.cancel(this, toFtpError(error))
    }
  }

  #result(
    path: string,
    status: 'sent' | 'skipped' | 'unchanged',
    digest: Digest | undefined,
  ): TransferResult {
    const { local } = this.#source
    const bytes = status === 'sent' ? this.#bytes : 0
    const ms = performance.now() - this.#started
    const resumedFrom = status === 'sent' ? this.#offset : 0
    const result = { path, bytes, digest, status, resumedFrom, ms }
    return local === undefined ? result : { ...result, local }
  }
}

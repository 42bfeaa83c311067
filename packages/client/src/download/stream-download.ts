import type { Writable } from 'node:stream'
import type { WritableStream, WritableStreamDefaultWriter } from 'node:stream/web'
import { createDigester, type DigestAlgorithm, type Digester } from '@jftp/protocol'
import type { Passed } from '@jftp/transfer'
import type { Ownership } from '../calls/call.js'
import type { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import type { Download, Kept, RemoteFacts } from './download.js'

/** Bytes go on as they come; whether they were right is known at the end only. */
abstract class StreamDownload implements Download {
  readonly local = undefined
  readonly memory = 'kept'
  #digester: Digester | undefined
  #size = 0

  prepare(): 'needed' {
    return 'needed'
  }

  open(_facts: RemoteFacts, digest: DigestAlgorithm): void {
    this.#digester = createDigester(digest)
  }

  write(pieces: Uint8Array[], ownership: Ownership): Promise<void> | void {
    let waiting: Promise<void> | void = undefined
    for (const piece of pieces) {
      this.#digester?.update(piece)
      this.#size += piece.length
      // Others' pieces of the same chunk may take its memory away.
      waiting = this.pass(ownership === 'sole' ? piece : new Uint8Array(piece))
    }
    return waiting
  }

  finish(): Passed {
    return { size: this.#size, digest: this.#digester?.digest() }
  }

  commit(done: (outcome: Kept | FtpError) => void): void {
    this.finished().then(
      () => done({ status: 'received' }),
      (error: unknown) => done(fromLocalError(error, undefined)),
    )
  }

  abstract discard(error: FtpError): void

  /** Hands a piece on; a promise means "enough for now". */
  protected abstract pass(piece: Uint8Array): Promise<void> | void

  /** Ends the stream; resolves when it has taken everything. */
  protected abstract finished(): Promise<void>
}

/** Into a stream of Node, which is ended; the standard ones stay open. */
export class WritableDownload extends StreamDownload {
  readonly #stream: Writable
  #error: Error | undefined
  #waiting: { resolve(): void; reject(error: Error): void } | undefined

  constructor(stream: Writable) {
    super()
    this.#stream = stream
  }

  override open(facts: RemoteFacts, digest: DigestAlgorithm): void {
    super.open(facts, digest)
    this.#stream.on('drain', this.#onDrain).on('error', this.#onError).on('close', this.#onClose)
  }

  discard(error: FtpError): void {
    this.#settle(error)
    if (!isStandard(this.#stream)) this.#stream.destroy(error)
    this.#leave()
  }

  protected pass(piece: Uint8Array): Promise<void> | void {
    if (this.#error !== undefined) throw fromLocalError(this.#error, undefined)
    if (this.#stream.write(piece)) return
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  protected async finished(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.#error !== undefined) return reject(this.#error)
      this.#waiting = { resolve, reject }
      const done = () => this.#settle(undefined)
      // An empty write's callback comes when all before it is out.
      if (isStandard(this.#stream)) this.#stream.write('', done)
      else this.#stream.end(done)
    })
    this.#leave()
  }

  readonly #onDrain = () => {
    if (!this.#stream.writableEnded) this.#settle(undefined)
  }

  readonly #onError = (error: Error) => {
    this.#error = error
    this.#settle(error)
  }

  readonly #onClose = () => {
    if (!this.#stream.writableFinished) this.#onError(new Error('the stream was closed before the end'))
  }

  #settle(error: Error | undefined): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (error === undefined) waiting?.resolve()
    else waiting?.reject(error)
  }

  #leave(): void {
    this.#stream.off('drain', this.#onDrain).off('close', this.#onClose)
    // A destroyed stream tells its error a moment later, to somebody.
    setImmediate(() => this.#stream.off('error', this.#onError))
  }
}

/** Into a web stream, which is closed. */
export class WebDownload extends StreamDownload {
  readonly #stream: WritableStream
  #writer: WritableStreamDefaultWriter | undefined

  constructor(stream: WritableStream) {
    super()
    this.#stream = stream
  }

  override open(facts: RemoteFacts, digest: DigestAlgorithm): void {
    super.open(facts, digest)
    this.#writer = this.#stream.getWriter()
  }

  discard(error: FtpError): void {
    this.#writer?.abort(error).catch(() => {})
  }

  protected async pass(piece: Uint8Array): Promise<void> {
    // A failed write makes the stream fail, and `ready` with it.
    this.#writer?.write(piece).catch(() => {})
    await this.#writer?.ready
  }

  protected async finished(): Promise<void> {
    await this.#writer?.close()
  }
}

function isStandard(stream: Writable): boolean {
  return stream === process.stdout || stream === process.stderr
}

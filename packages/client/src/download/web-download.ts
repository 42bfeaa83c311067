import type { WritableStream, WritableStreamDefaultWriter } from 'node:stream/web'
import { FtpError } from '../errors/ftp-error.js'
import { StreamDownload } from './stream-download.js'

/** A web stream, which is closed after the last byte and aborted on failure. */
export class WebDownload extends StreamDownload {
  readonly #stream: WritableStream
  #writer: WritableStreamDefaultWriter | undefined

  constructor(stream: WritableStream) {
    super()
    this.#stream = stream
  }

  prepare(): 'needed' {
    if (this.#stream.locked) throw new FtpError('usage', 'the stream to write to is locked by another writer')
    this.#writer = this.#stream.getWriter()
    // Its failure is reported by `room` and `finished`.
    this.#writer.closed.catch(() => {})
    return 'needed'
  }

  discard(error: FtpError): void {
    // A stream that is locked by somebody else can't be aborted; it has had nothing from this get.
    const aborted = this.#writer === undefined ? this.#stream.abort(error) : this.#writer.abort(error)
    aborted.catch(() => {})
  }

  protected pass(piece: Uint8Array): void {
    // A write that fails makes the stream fail, and `ready` with it.
    this.#writer?.write(piece).catch(() => {})
  }

  protected room(): Promise<void> | void {
    const { desiredSize } = this.#writer ?? {}
    // It is null if the stream has failed: `ready` says why.
    if (typeof desiredSize === 'number' && desiredSize > 0) return
    return this.#writer?.ready.then(() => {})
  }

  protected async finished(): Promise<void> {
    await this.#writer?.close()
  }
}

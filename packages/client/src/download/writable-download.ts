import type { Writable } from 'node:stream'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { StreamDownload } from './stream-download.js'

/** A stream of Node, which is ended after the last byte; the standard ones stay open. */
export class WritableDownload extends StreamDownload {
  readonly #stream: Writable
  #error: Error | undefined
  #waiting: { resolve(): void; reject(error: Error): void } | undefined

  constructor(stream: Writable) {
    super()
    this.#stream = stream
    // A stream may fail while its get waits for its turn. Without a listener that would end the process.
    if (!isStandard(stream)) stream.on('error', this.#onError)
  }

  prepare(): 'needed' {
    if (this.#error !== undefined) throw fromLocalError(this.#error, undefined)
    if (!this.#stream.writable) {
      throw new FtpError('local-io', 'the stream to write to has ended or failed already')
    }
    // Many gets may wait for stdout, and each listener would count against its limit of listeners.
    if (isStandard(this.#stream)) this.#stream.on('error', this.#onError)
    this.#stream.on('drain', this.#onDrain).on('close', this.#onClose)
    return 'needed'
  }

  discard(error: FtpError): void {
    this.#settle(error)
    this.#stopListening()
    if (isStandard(this.#stream)) return
    // The stream reports the error it is destroyed with; without a listener that would end the process.
    this.#stream.on('error', () => {})
    this.#stream.destroy(error)
  }

  protected pass(piece: Uint8Array): void {
    if (this.#error !== undefined) throw fromLocalError(this.#error, undefined)
    this.#stream.write(piece)
  }

  protected room(): Promise<void> | void {
    if (!this.#stream.writableNeedDrain) return
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  protected async finished(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.#error !== undefined) return reject(this.#error)
      this.#waiting = { resolve, reject }
      const done = (error?: Error | null) => this.#settle(error ?? undefined)
      // The callback of an empty write comes when everything before it has been written.
      if (isStandard(this.#stream)) this.#stream.write('', done)
      else this.#stream.end(done)
    })
    this.#stopListening()
  }

  readonly #onDrain = () => {
    if (!this.#stream.writableEnded) this.#settle(undefined)
  }

  readonly #onError = (error: Error) => {
    // A stream that fails is closed after that.
    this.#error ??= error
    this.#settle(this.#error)
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

  #stopListening(): void {
    this.#stream.off('drain', this.#onDrain).off('error', this.#onError).off('close', this.#onClose)
  }
}

function isStandard(stream: Writable): boolean {
  return stream === process.stdout || stream === process.stderr
}

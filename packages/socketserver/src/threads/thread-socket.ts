import { Duplex } from 'node:stream'
import { type ErrorRecord, reviveError } from '../error-record.js'
import type { StreamRequest } from '../handlers/stream-request.js'
import type { MessageBatch } from '../workers/message-batch.js'
import type { FromWorker } from '../workers/worker-message.js'
import type { ConnectionFacts } from './connection-facts.js'
import { OutgoingPieces } from './outgoing-pieces.js'

/** With this number of unread bytes the stream stops asking for more. */
const READ_MARK = 256 * 1024
/** With this number of unsent bytes `write` returns false. */
const WRITE_MARK = 1024 * 1024
/** Credit is returned in portions of at least this many bytes, far below the window, so that reading never stops. */
const LEAST_CREDIT = 256 * 1024

type WriteCallback = (error?: Error | null) => void

/**
 * `request` in a worker thread; the main thread keeps the connection itself. When the kernel has taken the bytes of
 * a write, its callback is called and `drain` is emitted. `write` copies the bytes once; `sendOwned` gives the buffer
 * away instead. Everything that is written within one turn of the event loop is sent together.
 */
export class ThreadSocket extends Duplex implements StreamRequest {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly #id: number
  readonly #batch: MessageBatch<FromWorker>
  /** Bytes that have come and that the stream has not asked for yet. `null` is the end of the stream. */
  readonly #inbox: (Buffer | null)[] = []
  #isWanted = false
  #hasPeerEnded = false
  #uncredited = 0
  #writing: WriteCallback | undefined
  #isCorked = false
  readonly #outgoing: OutgoingPieces

  #idle: NodeJS.Timeout | undefined

  constructor(id: number, batch: MessageBatch<FromWorker>, facts: ConnectionFacts) {
    super({ allowHalfOpen: true, readableHighWaterMark: READ_MARK, writableHighWaterMark: WRITE_MARK })
    this.#id = id
    this.#batch = batch
    this.#outgoing = new OutgoingPieces(batch)
    this.remoteAddress = facts.remoteAddress
    this.remotePort = facts.remotePort
    this.localAddress = facts.localAddress
    this.localPort = facts.localPort
  }

  /** Does what it does on `net.Socket`. */
  setNoDelay(noDelay = true): this {
    this.#batch.add({ type: 'no delay', id: this.#id, noDelay })
    return this
  }

  /** Does what it does on `net.Socket`. */
  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#batch.add({ type: 'keep alive', id: this.#id, enable, initialDelay })
    return this
  }

  /** Does what it does on `net.Socket`. */
  setTimeout(timeout: number, callback?: () => void): this {
    clearTimeout(this.#idle)
    this.#idle = undefined
    if (timeout > 0 && !this.destroyed) {
      this.#idle = setTimeout(() => this.emit('timeout'), timeout).unref()
      if (callback) this.once('timeout', callback)
    } else if (callback) this.off('timeout', callback)
    return this
  }

  /** Called by the exported function `sendOwned`; see there. */
  sendOwned(chunk: Uint8Array, onSent?: (buffer: ArrayBuffer) => void): boolean {
    this.#outgoing.own(chunk.buffer, onSent)
    return this.write(chunk)
  }

  /** Called by the exported function `recycle`; see there. */
  recycle(memory: ArrayBuffer): void {
    this.#batch.add({ type: 'recycle', id: this.#id, buffer: this.#batch.transfer(memory) })
  }

  override write(
    chunk: unknown,
    encoding?: BufferEncoding | WriteCallback,
    callback?: WriteCallback,
  ): boolean {
    // A handler may write often and little. What it writes in one turn crosses the threads in one message. A handler
    // that joins its own writes before this gains nothing here, but this package serves others too.
    if (!this.#isCorked) {
      this.#isCorked = true
      this.cork()
      process.nextTick(() => {
        this.#isCorked = false
        this.uncork()
      })
    }
    if (typeof encoding === 'function') return super.write(chunk, encoding)
    return super.write(chunk, encoding ?? 'utf8', callback)
  }

  /** Called with what the main thread has read. */
  receive(bytes: ArrayBuffer | Uint8Array, length?: number): void {
    this.#idle?.refresh()
    this.#deliver(bytes instanceof ArrayBuffer ? Buffer.from(bytes, 0, length) : asBuffer(bytes))
  }

  receiveEnd(): void {
    this.#hasPeerEnded = true
    this.#deliver(null)
  }

  receiveClose(error: ErrorRecord | undefined): void {
    if (error) {
      // Give the stream all that has come, because a `StreamReader` still reads that from a stream that has failed.
      for (const item of this.#inbox.splice(0)) this.push(item)
      this.destroy(reviveError(error))
      return
    }
    // After the end of the stream the bytes that have come may still be read; destroying it would drop them.
    if (!this.#hasEnded()) this.destroy()
  }

  /** Called when the kernel has taken all bytes of the last write. */
  receiveSent(buffers: readonly ArrayBuffer[]): void {
    this.#idle?.refresh()
    const written = this.#writing
    this.#writing = undefined
    this.#outgoing.returned(buffers)
    written?.()
  }

  override _read(): void {
    this.#isWanted = true
    this.#fill()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#post([chunk], callback)
  }

  override _writev(chunks: { chunk: Buffer }[], callback: WriteCallback): void {
    this.#post(
      chunks.map(({ chunk }) => chunk),
      callback,
    )
  }

  override _final(callback: WriteCallback): void {
    this.#batch.add({ type: 'end', id: this.#id })
    callback()
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    if (!this.#hasEnded()) this.#batch.add({ type: 'destroy', id: this.#id })
    this.#inbox.length = 0
    clearTimeout(this.#idle)
    this.#idle = undefined
    const writing = this.#writing
    this.#writing = undefined
    callback(error)
    writing?.(error ?? new Error('the connection was closed before all bytes were sent'))
  }

  /** Whether both directions have ended in order. */
  #hasEnded(): boolean {
    return this.#hasPeerEnded && this.writableFinished
  }

  #deliver(item: Buffer | null): void {
    if (this.destroyed) return
    this.#inbox.push(item)
    this.#fill()
  }

  #fill(): void {
    while (this.#isWanted && this.#inbox.length > 0) {
      const item = this.#inbox.shift() as Buffer | null
      if (item) this.#credit(item.byteLength)
      if (!this.push(item)) this.#isWanted = false
    }
  }

  #credit(bytes: number): void {
    this.#uncredited += bytes
    if (this.#uncredited < LEAST_CREDIT) return
    this.#batch.add({ type: 'credit', id: this.#id, bytes: this.#uncredited })
    this.#uncredited = 0
  }

  #post(chunks: readonly Buffer[], callback: WriteCallback): void {
    this.#writing = callback
    this.#idle?.refresh()
    this.#batch.add({ type: 'write', id: this.#id, pieces: this.#outgoing.of(chunks) })
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

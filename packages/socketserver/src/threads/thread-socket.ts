import { Duplex } from 'node:stream'
import { type ErrorRecord, reviveError } from '../error-record.js'
import type { StreamRequest } from '../handlers/stream-request.js'
import type { MessageBatch } from '../workers/message-batch.js'
import type { FromWorker } from '../workers/worker-message.js'
import type { ConnectionFacts } from './connection-facts.js'
import { OutgoingPieces } from './outgoing-pieces.js'

/** Unread bytes after which the stream stops asking for more, and unsent ones after which `write` says false. */
const READ_MARK = 256 * 1024
const WRITE_MARK = 1024 * 1024
/** Credit is returned in portions of at least this many bytes: far below the window, so it never runs dry. */
const LEAST_CREDIT = 256 * 1024

type WriteCallback = (error?: Error | null) => void

/**
 * `request` in a worker thread: the connection itself stays with the main thread. The callback of a write is
 * called, and `drain` emitted, when the kernel has taken the bytes. `write` copies them once; `sendOwned` gives
 * the buffer away instead. What is written within one turn is sent in one piece.
 */
export class ThreadSocket extends Duplex implements StreamRequest {
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly #id: number
  readonly #batch: MessageBatch<FromWorker>
  /** Bytes that have come and that the stream has not asked for. `null` is the end of them. */
  readonly #inbox: (Buffer | null)[] = []
  #wanted: 'no' | 'yes' = 'no'
  #peer: 'sending' | 'ended' = 'sending'
  #uncredited = 0
  #writing: WriteCallback | undefined
  #corked: 'no' | 'this turn' = 'no'
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

  /** As `net.Socket` has it. */
  setNoDelay(noDelay = true): this {
    this.#batch.add({ type: 'no delay', id: this.#id, noDelay })
    return this
  }

  /** As `net.Socket` has it. */
  setKeepAlive(enable = false, initialDelay = 0): this {
    this.#batch.add({ type: 'keep alive', id: this.#id, enable, initialDelay })
    return this
  }

  /** As `net.Socket` has it. */
  setTimeout(timeout: number, callback?: () => void): this {
    clearTimeout(this.#idle)
    this.#idle = undefined
    if (timeout > 0 && !this.destroyed) {
      this.#idle = setTimeout(() => this.emit('timeout'), timeout).unref()
      if (callback) this.once('timeout', callback)
    } else if (callback) this.off('timeout', callback)
    return this
  }

  /** See `sendOwned`, which calls it. */
  sendOwned(chunk: Uint8Array, onSent?: (buffer: ArrayBuffer) => void): boolean {
    this.#outgoing.own(chunk.buffer, onSent)
    return this.write(chunk)
  }

  override write(
    chunk: unknown,
    encoding?: BufferEncoding | WriteCallback,
    callback?: WriteCallback,
  ): boolean {
    if (this.#corked === 'no') {
      this.#corked = 'this turn'
      this.cork()
      process.nextTick(() => {
        this.#corked = 'no'
        this.uncork()
      })
    }
    if (typeof encoding === 'function') return super.write(chunk, encoding)
    return super.write(chunk, encoding ?? 'utf8', callback)
  }

  /** Called with what the main thread has read. */
  receive(bytes: ArrayBuffer | Uint8Array): void {
    this.#idle?.refresh()
    this.#deliver(bytes instanceof ArrayBuffer ? Buffer.from(bytes) : asBuffer(bytes))
  }

  receiveEnd(): void {
    this.#peer = 'ended'
    this.#deliver(null)
  }

  receiveClose(error: ErrorRecord | undefined): void {
    // After the end of stream what has come may still be read; a destroyed stream would drop it.
    if (error) this.destroy(reviveError(error))
    else if (!this.#hasEnded()) this.destroy()
  }

  /** All of the last write is with the kernel. */
  receiveSent(buffers: readonly ArrayBuffer[]): void {
    this.#idle?.refresh()
    const written = this.#writing
    this.#writing = undefined
    this.#outgoing.returned(buffers)
    written?.()
  }

  override _read(): void {
    this.#wanted = 'yes'
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
    writing?.(error ?? new Error('the connection was closed before all was sent'))
  }

  /** In order, in both directions. */
  #hasEnded(): boolean {
    return this.#peer === 'ended' && this.writableFinished
  }

  #deliver(item: Buffer | null): void {
    if (this.destroyed) return
    this.#inbox.push(item)
    this.#fill()
  }

  #fill(): void {
    while (this.#wanted === 'yes' && this.#inbox.length > 0) {
      const item = this.#inbox.shift() as Buffer | null
      if (item) this.#credit(item.byteLength)
      if (!this.push(item)) this.#wanted = 'no'
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

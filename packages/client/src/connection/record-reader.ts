import type { Buffer } from 'node:buffer'
import type { Memory } from './dial.js'

/** The most plain bytes of a TLS record, and so the most that Node reads at once with TLS. */
const RECORD_SIZE = 16 * 1024

/** When this number of bytes is joined, they are handed on. */
const JOINED_SIZE = 256 * 1024

export interface RecordReaderOptions {
  receive(chunk: Uint8Array): Memory
  /** Returns memory of this number of bytes. */
  take(size: number): Buffer
  /** The most bytes that may be handed on at once. */
  largestRead(): number
}

/**
 * Reads a connection with TLS. Full records are joined until the turn of the event loop ends, because whoever receives
 * them has nearly as much work with a record as with many of them.
 */
export class RecordReader {
  readonly #options: RecordReaderOptions
  /** What Node reads into. */
  #record: Buffer
  #joined: Buffer | undefined
  /** Bytes that are joined. */
  #length = 0
  #isScheduled = false

  constructor(options: RecordReaderOptions) {
    this.#options = options
    this.#record = options.take(this.#recordSize)
  }

  readonly buffer = (): Buffer => this.#record

  /** Node calls this with the number of bytes that it has read. */
  readonly callback = (length: number): true => {
    const most = Math.min(JOINED_SIZE, this.#options.largestRead())
    if (this.#length + length > most) this.flush()
    if (this.#length > 0 || length === RECORD_SIZE) this.#join(length)
    else if (this.#options.receive(this.#record.subarray(0, length)) === 'kept') this.#renew()
    if (this.#record.length !== this.#recordSize) this.#renew()
    return true
  }

  /** Hands on what is joined. To be called before anybody hears that the connection has ended. */
  readonly flush = (): void => {
    this.#isScheduled = false
    const joined = this.#joined?.subarray(0, this.#length)
    if (joined === undefined || joined.length === 0) return
    this.#length = 0
    if (this.#options.receive(joined) === 'kept') this.#joined = undefined
  }

  #join(length: number): void {
    this.#joined ??= this.#options.take(JOINED_SIZE)
    this.#record.copy(this.#joined, this.#length, 0, length)
    this.#length += length
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.flush)
  }

  #renew(): void {
    this.#record = this.#options.take(this.#recordSize)
  }

  get #recordSize(): number {
    return Math.min(RECORD_SIZE, this.#options.largestRead())
  }
}

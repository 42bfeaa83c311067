import type { MessageBatch } from '../workers/message-batch.js'
import type { ToWorker } from '../workers/worker-message.js'
import { READ_SIZES, readMemory } from './read-memory.js'

/** The most plain bytes of a TLS record, and so the most that Node reads at once with TLS. */
export const RECORD_SIZE = 16 * 1024

/**
 * The memory into which all connections with TLS read their next record. One is enough, because each record is copied
 * before the next is read.
 */
export const recordMemory = Buffer.allocUnsafeSlow(RECORD_SIZE)

/** A number of bytes. Smaller records are cloned, so that they do not take a whole buffer away. */
const LEAST_JOINED = 4096

/**
 * When this number of bytes is joined, they are sent, so that the thread works on them while more is read. Then there may
 * be no room for another record in the memory.
 */
const MOST_JOINED = READ_SIZES.large - RECORD_SIZE

const NO_MEMORY = Buffer.alloc(0)

interface Joined {
  readonly type: 'data'
  readonly id: number
  readonly bytes: ArrayBuffer
  length: number
}

/**
 * Joins the records that a connection brings in one turn of the event loop, because the thread has nearly as much work
 * with a record as with a buffer of many records. This delays nothing: the batch is sent at the end of the turn anyway.
 */
export class JoinedRecords {
  readonly #id: number
  readonly #batch: MessageBatch<ToWorker>
  /** The last message. While it waits in the batch, it takes more. */
  #last: Joined | undefined
  /** The memory of the last message. It has no bytes any more when the message was sent, because it is transferred. */
  #memory: Buffer<ArrayBuffer> = NO_MEMORY

  constructor(id: number, batch: MessageBatch<ToWorker>) {
    this.#id = id
    this.#batch = batch
  }

  /** Copies the record of `length` bytes that is in `recordMemory`. */
  add(length: number): void {
    // A full record, as nearly all of a large upload are, is copied without a view: views were most of the garbage.
    const record = length === RECORD_SIZE ? recordMemory : recordMemory.subarray(0, length)
    const last = this.#last
    if (last !== undefined && last.length + length <= this.#memory.length) return this.#append(last, record)
    if (length < LEAST_JOINED) {
      this.#last = undefined
      this.#batch.add({ type: 'data', id: this.#id, bytes: new Uint8Array(record) })
      return
    }
    const isBusy = last !== undefined && last.length >= READ_SIZES.small
    this.#memory = readMemory.take(isBusy ? 'large' : 'small')
    const bytes = this.#batch.transfer(this.#memory.buffer)
    const next: Joined = { type: 'data', id: this.#id, bytes, length: 0 }
    this.#batch.add(next)
    this.#last = next
    this.#append(next, record)
  }

  #append(message: Joined, record: Uint8Array): void {
    this.#memory.set(record, message.length)
    message.length += record.length
    if (message.length >= MOST_JOINED) this.#batch.flush()
  }
}

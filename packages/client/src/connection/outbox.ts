import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { encodeJsonFrame, FrameType } from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import { PacedWriter } from './paced-writer.js'

/** Bytes of small frames that are gathered into one write, so many that a write costs little per frame. */
const BATCH_SIZE = 64 * 1024

/** Frames of at least this size go to the socket as they are. To copy a smaller one into a batch is cheaper. */
const LARGE_FRAME = 16 * 1024

/** If more bytes than this are handed to the socket and not taken by the system, senders wait. */
const MAX_UNSENT = 1024 * 1024

/** Sends frames. Those of one turn of the event loop leave in as few writes as possible. */
export class Outbox {
  readonly #writer: PacedWriter
  readonly #onRoom: () => void
  #batch = Buffer.alloc(0)
  /** Where the bytes that are not written yet begin and end in the batch. */
  #start = 0
  #end = 0
  #isScheduled = false
  #isClosed = false
  #wakers: (() => void)[] = []

  /** `onRoom` is called when the outbox was full and no longer is. */
  constructor(socket: Socket, onRoom: () => void) {
    this.#writer = new PacedWriter(socket)
    this.#onRoom = onRoom
  }

  get limit(): RateLimit | undefined {
    return this.#writer.limit
  }

  set limit(limit: RateLimit | undefined) {
    this.#writer.limit = limit
  }

  /** Whether the limit holds something back. */
  get isPaced(): boolean {
    return this.#writer.isWaiting
  }

  /** Whether senders should wait. */
  get full(): boolean {
    return this.#writer.unsent + this.#end - this.#start >= this.#most
  }

  /** Little waits if there is a limit, so that a CANCEL does not wait long behind it. */
  get #most(): number {
    const { limit } = this.#writer
    return limit === undefined ? MAX_UNSENT : Math.min(MAX_UNSENT, 2 * limit.portion)
  }

  /** Resolves when it is not full, or is closed. */
  room(): Promise<void> {
    if (!this.full || this.#isClosed) return Promise.resolve()
    return new Promise((resolve) => this.#wakers.push(resolve))
  }

  request(id: number, cmd: string, args: object): void {
    this.add(encodeJsonFrame(FrameType.REQUEST, id, { cmd, ...args }))
  }

  /** Copies a frame into the current batch. */
  add(frame: Uint8Array): void {
    this.reserve(frame.length).set(frame)
  }

  /** `length` bytes of the current batch, which the caller fills with frames at once. */
  reserve(length: number): Uint8Array {
    if (this.#end + length > this.#batch.length) {
      this.flush()
      this.#batch = Buffer.allocUnsafeSlow(Math.max(BATCH_SIZE, length))
      this.#start = 0
      this.#end = 0
    }
    this.#schedule()
    this.#end += length
    return this.#batch.subarray(this.#end - length, this.#end)
  }

  /** Undoes the last `reserve`. */
  unreserve(length: number): void {
    this.#end -= length
  }

  /** Sends a frame, without a copy if it is large. Calls `done` when the frame's memory is free again. */
  send(frame: Uint8Array, done: () => void): void {
    if (frame.length < LARGE_FRAME) {
      this.add(frame)
      done()
      return
    }
    this.flush()
    if (this.#isClosed) return
    this.#writer.write(frame, () => {
      done()
      this.#written()
    })
  }

  flush(): void {
    if (this.#start === this.#end) return
    const bytes = this.#batch.subarray(this.#start, this.#end)
    this.#start = this.#end
    if (!this.#isClosed) this.#writer.write(bytes, () => this.#written())
  }

  /** Sends what is there. What is added later is dropped, and nobody waits for room any more. */
  close(): void {
    this.flush()
    this.#writer.flush()
    this.#isClosed = true
    for (const wake of this.#wakers.splice(0)) wake()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    process.nextTick(() => {
      this.#isScheduled = false
      this.flush()
    })
  }

  #written(): void {
    if (this.full) return
    for (const wake of this.#wakers.splice(0)) wake()
    this.#onRoom()
  }
}

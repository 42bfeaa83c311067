/** Frames are joined into blocks of this size, in bytes. A block costs one write, however many frames it holds. */
const BLOCK_SIZE = 64 * 1024

/** A frame of at least this size, in bytes, is better sent as it is: to copy a smaller one costs less than a write. */
export const LARGE_FRAME = 16 * 1024

/** Blocks that came back and wait for any batch of this thread; a batch that is empty holds none. */
const free: Uint8Array<ArrayBuffer>[] = []
const MAX_FREE = 64

/** Takes bytes with the memory they are in. `recycle` gets the memory, or as much of it, when they have left. */
export type SendOwned = (bytes: Uint8Array<ArrayBuffer>, recycle: (buffer: ArrayBuffer) => void) => void

/** Joins the small frames of one connection, so that all frames of one turn of the event loop leave together. */
export class FrameBatch {
  readonly #send: SendOwned
  readonly #schedule: (flush: () => void) => void
  #block: Uint8Array<ArrayBuffer> | undefined
  #used = 0
  #isScheduled = false

  /** `schedule` is given the flush of this turn, and calls it later in the turn, or at its end. */
  constructor(send: SendOwned, schedule: (flush: () => void) => void) {
    this.#send = send
    this.#schedule = schedule
  }

  /** Bytes that were added and not sent. */
  get size(): number {
    return this.#used
  }

  /** Copies a frame into the batch. */
  add(frame: Uint8Array): void {
    this.reserve(frame.length).set(frame)
  }

  /** `length` bytes of the batch, which the caller fills with frames at once. */
  reserve(length: number): Uint8Array {
    if (this.#block !== undefined && this.#used + length > this.#block.length) this.flush()
    this.#block ??= blockOf(length)
    this.#used += length
    if (!this.#isScheduled) {
      this.#isScheduled = true
      this.#schedule(this.#onTurn)
    }
    return this.#block.subarray(this.#used - length, this.#used)
  }

  /** Undoes the last `reserve`. */
  unreserve(length: number): void {
    this.#used -= length
  }

  flush(): void {
    const block = this.#block
    if (block === undefined || this.#used === 0) return
    const frames = block.subarray(0, this.#used)
    this.#block = undefined
    this.#used = 0
    this.#send(frames, keep)
  }

  readonly #onTurn = (): void => {
    this.#isScheduled = false
    this.flush()
  }
}

function blockOf(length: number): Uint8Array<ArrayBuffer> {
  if (length > BLOCK_SIZE) return new Uint8Array(length)
  return free.pop() ?? new Uint8Array(BLOCK_SIZE)
}

function keep(buffer: ArrayBuffer): void {
  if (buffer.byteLength === BLOCK_SIZE && free.length < MAX_FREE) free.push(new Uint8Array(buffer))
}

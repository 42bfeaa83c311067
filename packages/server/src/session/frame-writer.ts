import type { Duplex } from 'node:stream'
import { sendOwned } from '@jftp/socketserver'

/** Small frames are joined into blocks of this size before they are sent. */
const BLOCK_SIZE = 64 * 1024

/** Frames from this size on are sent as they are, without a copy. */
const LARGE_FRAME = 16 * 1024

/** Blocks this thread keeps for the next flush of any session; a session that is idle holds none. */
const free: Uint8Array<ArrayBuffer>[] = []
const MAX_FREE = 64

/** Sends the frames of one session: small ones are joined, so that many leave in one write; large ones are not copied. */
export class FrameWriter {
  readonly #request: Duplex
  #block: Uint8Array<ArrayBuffer> | undefined
  #used = 0
  #isFlushScheduled = false

  constructor(request: Duplex) {
    this.#request = request
  }

  /** Sends a frame together with others of the same turn of the event loop. */
  send(frame: Uint8Array): void {
    if (frame.length >= LARGE_FRAME) {
      this.flush()
      this.#request.write(frame)
      return
    }
    if (this.#used + frame.length > BLOCK_SIZE) this.flush()
    this.#block ??= free.pop() ?? new Uint8Array(BLOCK_SIZE)
    this.#block.set(frame, this.#used)
    this.#used += frame.length
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    setImmediate(() => {
      this.#isFlushScheduled = false
      this.flush()
    })
  }

  /**
   * Sends a frame and takes the memory it is in, which `recycle` gets back when the frame has left. False means
   * that enough is on its way, so the caller waits for `drain` before the next one.
   */
  sendOwned(frame: Uint8Array<ArrayBuffer>, recycle: (buffer: ArrayBuffer) => void): boolean {
    if (frame.length < LARGE_FRAME) {
      this.send(frame)
      recycle(frame.buffer)
      return !this.#request.writableNeedDrain
    }
    this.flush()
    return sendOwned(this.#request, frame, recycle)
  }

  flush(): void {
    const block = this.#block
    if (block === undefined || this.#used === 0) return
    const frames = block.subarray(0, this.#used)
    this.#block = undefined
    this.#used = 0
    if (this.#request.destroyed) return
    sendOwned(this.#request, frames, (buffer) => {
      if (free.length < MAX_FREE) free.push(new Uint8Array(buffer))
    })
  }
}

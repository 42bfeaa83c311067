import type { Duplex } from 'node:stream'
import { FrameBatch, LARGE_FRAME } from '@jftp/protocol'
import { sendOwned } from '@jftp/socketserver'

/** Sends the frames of one session. Those of one turn of the event loop leave together; large ones are not copied. */
export class FrameWriter {
  readonly #request: Duplex
  readonly #batch: FrameBatch

  constructor(request: Duplex) {
    this.#request = request
    this.#batch = new FrameBatch((bytes, recycle) => {
      if (!request.destroyed) sendOwned(request, bytes, recycle)
    }, setImmediate)
  }

  send(frame: Uint8Array): void {
    if (frame.length < LARGE_FRAME) return this.#batch.add(frame)
    this.flush()
    this.#request.write(frame)
  }

  /**
   * `length` bytes among the frames that leave in this turn, to be filled with a frame at once. `LARGE_FRAME` bytes or
   * more are better sent by `sendOwned`.
   */
  reserve(length: number): Uint8Array {
    return this.#batch.reserve(length)
  }

  /** Gives the last `length` reserved bytes back. */
  unreserve(length: number): void {
    this.#batch.unreserve(length)
  }

  /**
   * Sends a frame and takes the memory it is in, which `recycle` gets back when the frame has left. False means
   * that enough is on its way, so the caller waits for `drain` before the next one.
   */
  sendOwned(frame: Uint8Array<ArrayBuffer>, recycle: (buffer: ArrayBuffer) => void): boolean {
    if (frame.length < LARGE_FRAME) {
      this.#batch.add(frame)
      recycle(frame.buffer)
      return !this.#request.writableNeedDrain
    }
    this.flush()
    return sendOwned(this.#request, frame, recycle)
  }

  flush(): void {
    this.#batch.flush()
  }
}

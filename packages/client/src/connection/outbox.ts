import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { encodeJsonFrame, FrameType } from '@jftp/protocol'

/** Small frames gathered into one write. Large enough that a write costs little per frame. */
const BATCH_SIZE = 64 * 1024

/** Frames from this size on go to the socket as they are; smaller ones are cheaper copied. */
const LARGE_FRAME = 16 * 1024

/** Bytes handed to the socket and not yet taken by the system, from which on senders wait. */
const MAX_UNSENT = 1024 * 1024

/** Frames on their way to the socket: those of one turn of the event loop leave in as few writes as possible. */
export class Outbox {
  readonly #socket: Socket
  readonly #onRoom: () => void
  #batch = Buffer.alloc(0)
  /** Where in the batch the bytes not yet written begin and end. */
  #start = 0
  #end = 0
  #scheduled = false
  #state: 'open' | 'closed' = 'open'
  #wakers: (() => void)[] = []

  /** `onRoom` is called when an outbox that was full no longer is. */
  constructor(socket: Socket, onRoom: () => void) {
    this.#socket = socket
    this.#onRoom = onRoom
  }

  /** Whether senders should wait. */
  get full(): boolean {
    return this.#socket.writableLength + this.#end - this.#start >= MAX_UNSENT
  }

  /** Resolves when it is not full, or nothing will ever leave again. */
  room(): Promise<void> {
    if (!this.full || this.#state === 'closed') return Promise.resolve()
    return new Promise((resolve) => this.#wakers.push(resolve))
  }

  request(id: number, cmd: string, args: object): void {
    this.add(encodeJsonFrame(FrameType.REQUEST, id, { cmd, ...args }))
  }

  /** Copies a frame into the current batch. */
  add(frame: Uint8Array): void {
    this.reserve(frame.length).set(frame)
  }

  /** A place in the current batch for frames of `length` bytes together, to be filled at once. */
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

  /** Takes back the last `reserve`. */
  unreserve(length: number): void {
    this.#end -= length
  }

  /** Sends a frame without copying it where it is large; `done` when its memory is free again. */
  send(frame: Uint8Array, done: () => void): void {
    if (frame.length < LARGE_FRAME) {
      this.add(frame)
      done()
      return
    }
    this.flush()
    if (this.#state === 'closed') return
    this.#socket.write(frame, () => {
      done()
      this.#written()
    })
  }

  flush(): void {
    if (this.#start === this.#end) return
    const bytes = this.#batch.subarray(this.#start, this.#end)
    this.#start = this.#end
    if (this.#state === 'open') this.#socket.write(bytes, () => this.#written())
  }

  /** Sends what is there; what is added later goes nowhere, and nobody waits for it. */
  close(): void {
    this.flush()
    this.#state = 'closed'
    for (const wake of this.#wakers.splice(0)) wake()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(() => {
      this.#scheduled = false
      this.flush()
    })
  }

  #written(): void {
    if (this.full) return
    for (const wake of this.#wakers.splice(0)) wake()
    this.#onRoom()
  }
}

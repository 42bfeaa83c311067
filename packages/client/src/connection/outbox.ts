import type { Socket } from 'node:net'
import { encodeJsonFrame, FrameBatch, FrameType, LARGE_FRAME } from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import { PacedWriter } from './paced-writer.js'

/** If more bytes than this are handed to the socket and not taken by the system, senders wait. */
const MAX_UNSENT = 1024 * 1024

/** Sends frames. Those of one turn of the event loop leave in as few writes as possible. */
export class Outbox {
  readonly #writer: PacedWriter
  readonly #batch: FrameBatch
  readonly #onRoom: () => void
  /** What is kept back until it is known who the server is. Undefined if nothing is. */
  #held: { readonly bytes: Uint8Array; readonly done: () => void }[] | undefined
  #heldBytes = 0
  #isClosed = false
  #wakers: (() => void)[] = []

  /** `held`: nothing leaves before `open`. `onRoom` is called when the outbox was full and no longer is. */
  constructor(socket: Socket, gate: 'open' | 'held', onRoom: () => void) {
    this.#held = gate === 'held' ? [] : undefined
    this.#writer = new PacedWriter(socket)
    this.#batch = new FrameBatch(
      (bytes, recycle) => this.#write(bytes, () => recycle(bytes.buffer)),
      process.nextTick,
    )
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
    return this.#writer.unsent + this.#heldBytes + this.#batch.size >= this.#most
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

  /** Copies a frame into the batch. */
  add(frame: Uint8Array): void {
    this.#batch.add(frame)
  }

  /** `length` bytes of the batch, which the caller fills with frames at once. */
  reserve(length: number): Uint8Array {
    return this.#batch.reserve(length)
  }

  /** Undoes the last `reserve`. */
  unreserve(length: number): void {
    this.#batch.unreserve(length)
  }

  /** Sends a frame, without a copy if it is large. Calls `done` when the frame's memory is free again. */
  send(frame: Uint8Array, done: () => void): void {
    if (frame.length < LARGE_FRAME) {
      this.add(frame)
      done()
      return
    }
    this.flush()
    this.#write(frame, done)
  }

  flush(): void {
    this.#batch.flush()
  }

  /** Sends what was held, and from now on everything at once. */
  open(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#heldBytes = 0
    for (const { bytes, done } of held) this.#write(bytes, done)
  }

  /** Sends what is there, unless it is held. What is added later is dropped, and nobody waits for room any more. */
  close(): void {
    this.flush()
    this.#writer.flush()
    this.#isClosed = true
    this.#held = undefined
    this.#heldBytes = 0
    for (const wake of this.#wakers.splice(0)) wake()
  }

  #write(bytes: Uint8Array, done: () => void): void {
    if (this.#isClosed) return
    if (this.#held !== undefined) {
      this.#held.push({ bytes, done })
      this.#heldBytes += bytes.length
      return
    }
    this.#writer.write(bytes, () => {
      done()
      this.#written()
    })
  }

  #written(): void {
    if (this.full) return
    for (const wake of this.#wakers.splice(0)) wake()
    this.#onRoom()
  }
}

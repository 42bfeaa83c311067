import type { MessageBatch } from '../workers/message-batch.js'
import type { FromWorker, Piece } from '../workers/worker-message.js'
import { COPY_BUFFER_SIZE, copyBuffers } from './copy-buffers.js'

/** A number of bytes. Fewer bytes are cloned; more are copied into lent buffers. */
const LEAST_LENT = 32 * 1024

type OnReturn = ((buffer: ArrayBuffer) => void) | undefined

/** Buffers that were passed to `sendOwned` and are not written yet, of all connections of this thread. */
const owned = new WeakMap<ArrayBufferLike, OnReturn>()

/** Prepares what a `ThreadSocket` writes for the main thread: transfers owned buffers, and copies everything else. */
export class OutgoingPieces {
  readonly #batch: MessageBatch<FromWorker>
  /** The callbacks for the lent buffers of the current write, in the order of the buffers. */
  #onReturn: OnReturn[] = []

  constructor(batch: MessageBatch<FromWorker>) {
    this.#batch = batch
  }

  /** The next chunk that uses this buffer may be transferred: its owner gave it away. */
  own(buffer: ArrayBufferLike, onReturn: OnReturn): void {
    owned.set(buffer, onReturn)
  }

  /** Makes pieces of the chunks of one write. Plain chunks that follow each other are joined. */
  of(chunks: readonly Buffer[]): Piece[] {
    const pieces: Piece[] = []
    let plain: Buffer[] = []
    for (const chunk of chunks) {
      if (!owned.has(chunk.buffer)) {
        plain.push(chunk)
        continue
      }
      this.#copy(plain, pieces)
      plain = []
      pieces.push(this.#lend(chunk, owned.get(chunk.buffer)))
      owned.delete(chunk.buffer)
    }
    this.#copy(plain, pieces)
    return pieces
  }

  /** Must be called when the lent buffers of the current write have come back. */
  returned(buffers: readonly ArrayBuffer[]): void {
    const onReturn = this.#onReturn
    this.#onReturn = []
    buffers.forEach((buffer, index) => onReturn[index]?.(buffer))
  }

  #copy(chunks: readonly Buffer[], pieces: Piece[]): void {
    let left = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    if (left < LEAST_LENT) {
      if (chunks.length > 0) pieces.push({ type: 'given', bytes: joined(chunks, new Uint8Array(left)) })
      return
    }
    const target = () => new Uint8Array(copyBuffers.take(), 0, Math.min(left, COPY_BUFFER_SIZE))
    let bytes = target()
    let used = 0
    for (const chunk of chunks) {
      for (let offset = 0; offset < chunk.byteLength; ) {
        const part = chunk.subarray(offset, offset + bytes.byteLength - used)
        bytes.set(part, used)
        offset += part.byteLength
        used += part.byteLength
        if (used < bytes.byteLength) continue
        pieces.push(this.#lend(bytes, copyBuffers.giveBack))
        left -= used
        used = 0
        if (left > 0) bytes = target()
      }
    }
  }

  #lend(chunk: Uint8Array, onReturn: OnReturn): Piece {
    this.#onReturn.push(onReturn)
    const buffer = this.#batch.transfer(chunk.buffer as ArrayBuffer)
    return { type: 'lent', buffer, offset: chunk.byteOffset, length: chunk.byteLength }
  }
}

function joined(chunks: readonly Buffer[], into: Uint8Array): Uint8Array {
  let used = 0
  for (const chunk of chunks) {
    into.set(chunk, used)
    used += chunk.byteLength
  }
  return into
}

import type { Chunk } from './thread-messages.js'

/** Gathers pieces for one message to another thread. */
export class ChunkBatch {
  #chunks: { buffer: ArrayBuffer; ranges: number[] }[] = []
  /** Payload bytes gathered. */
  size = 0

  /** Takes the memory of `piece`. If that is a small part of a large buffer, it is copied instead. */
  add(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.size += piece.length
    const last = this.#chunks.at(-1)
    if (last !== undefined && last.buffer === piece.buffer) {
      last.ranges.push(piece.byteOffset, piece.length)
      return
    }
    const owned = isWorthMoving(piece) ? piece : piece.slice()
    this.#chunks.push({ buffer: owned.buffer, ranges: [owned.byteOffset, owned.length] })
  }

  /** Returns the message and the buffers to transfer with it. The batch is empty afterwards. */
  take(): { chunks: Chunk[]; transfer: ArrayBuffer[] } {
    const chunks = this.#chunks
    this.#chunks = []
    this.size = 0
    return { chunks, transfer: chunks.map((chunk) => chunk.buffer) }
  }
}

/** Moving a small part of a large buffer would tie up the whole buffer until the part is written. */
function isWorthMoving(piece: Uint8Array): piece is Uint8Array<ArrayBuffer> {
  return piece.buffer instanceof ArrayBuffer && piece.length * 4 >= piece.buffer.byteLength
}

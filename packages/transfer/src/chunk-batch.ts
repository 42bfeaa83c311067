import type { Chunk } from './thread-messages.js'

/** Pieces gathered for one message to another thread. */
export class ChunkBatch {
  #chunks: { buffer: ArrayBuffer; ranges: number[] }[] = []
  /** Payload bytes gathered. */
  size = 0

  /** Takes the memory of `piece`; a small view of a large buffer is copied rather than dragging it along. */
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

  /** The message and what to transfer with it; the batch is empty after. */
  take(): { chunks: Chunk[]; transfer: ArrayBuffer[] } {
    const chunks = this.#chunks
    this.#chunks = []
    this.size = 0
    return { chunks, transfer: chunks.map((chunk) => chunk.buffer) }
  }
}

/** A small part of a large buffer would keep all of it busy until it is written. */
function isWorthMoving(piece: Uint8Array): piece is Uint8Array<ArrayBuffer> {
  return piece.buffer instanceof ArrayBuffer && piece.length * 4 >= piece.buffer.byteLength
}

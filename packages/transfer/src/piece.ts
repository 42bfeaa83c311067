import { FRAME_HEADER_SIZE } from '@jftp/protocol'

/**
 * Payload bytes of one piece of a large file: 512 KiB. Measured: with smaller pieces the messages between
 * threads cost more than they carry, with larger ones the two ends wait for each other.
 */
export const PIECE_SIZE = 512 * 1024

/** A piece of a file on its way out, in memory that belongs to whoever holds it. */
export interface Piece {
  /** FRAME_HEADER_SIZE spare bytes, then the payload: `writeFrameHeader` makes a DATA frame of it in place. */
  readonly frame: Uint8Array<ArrayBuffer>
}

/** Payload bytes in a piece. */
export function pieceSize(piece: Piece): number {
  return piece.frame.length - FRAME_HEADER_SIZE
}

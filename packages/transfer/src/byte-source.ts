import { type Digest, FRAME_HEADER_SIZE } from '@jftp/protocol'

/** What went through a source or a sink, from the first byte to the last. */
export interface TransferSummary {
  /** Bytes. */
  readonly size: number
  /** Absent if none was asked for. */
  readonly digest?: Digest | undefined
}

/**
 * Payload bytes that are read at once from a large file: 512 KiB. Measured: with smaller pieces the messages
 * between threads cost more than they carry, with larger ones the two ends wait for each other.
 */
export const PIECE_SIZE = 512 * 1024

/** The next piece of a file on its way out, in memory that belongs to whoever holds it. */
export interface DataFrame {
  /** FRAME_HEADER_SIZE spare bytes, then the payload: `writeFrameHeader` makes a DATA frame of it in place. */
  readonly frame: Uint8Array<ArrayBuffer>
}

/** Payload bytes in a frame. */
export function payloadSize({ frame }: DataFrame): number {
  return frame.length - FRAME_HEADER_SIZE
}

/** A file that is read once, from front to back, and digested on the way. Not safe for concurrent calls. */
export interface ByteSource {
  /** The next piece; undefined at the end. Throws the file system's errors. */
  read(): DataFrame | undefined | Promise<DataFrame | undefined>
  /** Gives a piece's memory back for later ones, once it has been sent. */
  recycle(buffer: ArrayBuffer): void
  /** Call after the last piece. Throws ProtocolError `changed` if the file is not what it was at the start. */
  finish(): TransferSummary | Promise<TransferSummary>
  /** Stops. The file descriptor stays open; the caller closes it once this has resolved. */
  close(): void | Promise<void>
}

/** A file that is written once, from front to back, and digested on the way. Not safe for concurrent calls. */
export interface ByteSink {
  /**
   * Takes the pieces and their memory: each must be a view of an ArrayBuffer nobody else uses. A promise
   * means "enough for now": wait for it before the next call. Throws the file system's errors.
   */
  write(pieces: Uint8Array[]): void | Promise<void>
  /** Call after the last piece. Returns what was written. */
  finish(): TransferSummary | Promise<TransferSummary>
  /** Stops. The file descriptor stays open; the caller closes it once this has resolved. */
  close(): void | Promise<void>
}

import type { Digest } from '@jftp/protocol'
import type { Piece } from './piece.js'

/** What passed through a source or a sink, whole. */
export interface Passed {
  /** Bytes. */
  readonly size: number
  /** Absent where none was asked for. */
  readonly digest?: Digest | undefined
}

/** A file read once, front to back, digested as it passes. Not safe for concurrent calls. */
export interface ByteSource {
  /** The next piece, undefined at the end. Throws the file system's errors. */
  read(): Piece | undefined | Promise<Piece | undefined>
  /** Gives a piece's memory back for the next ones, once it has been sent. */
  recycle(buffer: ArrayBuffer): void
  /** After the last piece. Throws ProtocolError `changed` where the file is not what it was at the start. */
  finish(): Passed | Promise<Passed>
  /** Stops; the file descriptor stays open and is the caller's to close, after this has resolved. */
  close(): void | Promise<void>
}

/** A file written once, front to back, digested as it passes. Not safe for concurrent calls. */
export interface ByteSink {
  /**
   * Takes the pieces and their memory: each must be a view of an ArrayBuffer nobody else uses. A promise
   * means "enough for now": wait for it before the next call. Throws the file system's errors.
   */
  write(pieces: Uint8Array[]): void | Promise<void>
  /** After the last piece: what was written. */
  finish(): Passed | Promise<Passed>
  /** Stops; the file descriptor stays open and is the caller's to close, after this has resolved. */
  close(): void | Promise<void>
}

import type { DigestAlgorithm } from '@jftp/protocol'
import type { ByteSource } from '@jftp/transfer'

/** Something to be put, not yet touched. */
export interface UploadSource {
  /** Its path, where it is a local file. */
  readonly local: string | undefined
  /** Called once, when it may be sent. Throws FtpError. */
  open(): Upload
  /** Lets go what it holds, if it will never be opened. */
  abandon(): void
}

/** Metadata a local file has. */
export interface FileFacts {
  /** Milliseconds since 1970; undefined if that is more than the protocol can say. */
  readonly mtime: number | undefined
  /** Permission bits. */
  readonly mode: number
}

export type Upload = WholeUpload | StreamedUpload

/** Content short enough to leave with its request. */
export interface WholeUpload {
  readonly kind: 'whole'
  /** Bytes, at most MAX_EAGER_SIZE. */
  readonly size: number
  readonly facts: FileFacts | undefined
  /** Fills `target`, of `size` bytes, and lets the source go. Throws FtpError; then the source is gone too. */
  fill(target: Uint8Array): void
}

/** Content sent in pieces, once the server is ready for it. */
export interface StreamedUpload {
  readonly kind: 'streamed'
  /** Bytes; undefined where only the end will tell. */
  readonly size: number | undefined
  readonly facts: FileFacts | undefined
  /** Begins to read ahead. */
  read(digest: DigestAlgorithm): ByteSource
  /** Lets the source go, read or not. */
  close(): void
}

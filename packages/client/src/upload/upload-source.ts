import type { DigestAlgorithm } from '@jftp/protocol'
import type { ByteSource, FileStart } from '@jftp/transfer'

/** Something to be put, not touched yet. */
export interface UploadSource {
  /** Its path, if it is a local file. */
  readonly local: string | undefined
  /** Called once, when it may be sent. Throws FtpError. */
  open(): UploadBody
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

/** The content of an upload. */
export type UploadBody = WholeBody | StreamedBody

/** Content that is short enough to leave with its request. */
export interface WholeBody {
  readonly type: 'whole'
  /** Bytes, at most MAX_EAGER_SIZE; fewer under a slow rate limit. */
  readonly size: number
  readonly facts: FileFacts | undefined
  /** Fills `target`, which has `size` bytes, and closes the source, also if it throws. Throws FtpError. */
  fill(target: Uint8Array): void
}

/** Content that is sent in pieces, once the server is ready for it. */
export interface StreamedBody {
  readonly type: 'streamed'
  /** Bytes; undefined if only the end will tell. */
  readonly size: number | undefined
  readonly facts: FileFacts | undefined
  /** Digests its first bytes, to go on behind them; undefined if it can be read from its beginning only. */
  readonly readStart: ((size: number, digest: DigestAlgorithm) => Promise<FileStart>) | undefined
  /** Begins to read ahead, behind `start` if there is one. */
  read(digest: DigestAlgorithm, start?: FileStart): ByteSource
  /** Closes the source, whether it was read or not. */
  close(): void
}

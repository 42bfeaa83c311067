import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Ownership } from '../calls/call.js'
import type { Memory } from '../connection/dial.js'
import type { FtpError } from '../errors/ftp-error.js'

/** The remote file as the server announced it. */
export interface RemoteFacts {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  /** Permission bits; undefined if the server has none to tell. */
  readonly mode?: number | undefined
}

/** The first bytes of a file, which came earlier. */
export interface DownloadStart {
  /** Bytes. */
  readonly size: number
  readonly digest: Digest
  /** The version of the remote file that they are a part of, if that is known. */
  readonly version: { readonly size: number; readonly mtime: number } | undefined
}

/** Where the bytes of one get go. Every method throws FtpError. */
export interface DownloadSink {
  /** The path it is meant for, if that is a local one. */
  readonly local: string | undefined
  /** `free` if the pieces are not used any more when `write` returns. */
  readonly memory: Memory
  /** What it has already of the file; undefined if nothing. */
  readonly start: DownloadStart | undefined
  /** Resolves when what came of a download that was cut is kept. Never rejects. */
  readonly keeping: Promise<void> | undefined
  /** Looks at the target before the server is asked. */
  prepare(): 'needed' | 'skipped'
  /** Whether what is there is to be kept, now that the facts of the remote file are known. */
  skips(facts: RemoteFacts): boolean
  /** `offset`: the byte at which the body begins, which is 0 or the size of `start`. */
  open(facts: RemoteFacts, digest: DigestAlgorithm, offset: number): void
  /** Takes the pieces and, if it is their sole owner, their memory. A promise means that it is enough for now. */
  write(pieces: Uint8Array[], ownership: Ownership): void | Promise<void>
  /** Call after the last piece. Returns what arrived. */
  finish(): TransferSummary | Promise<TransferSummary>
  /** Keeps what came, after it was checked. `done` is called once. */
  commit(done: (outcome: DownloadOutcome | FtpError) => void): void
  /** Forgets what came, also while `commit` is under way. What was there before is untouched. */
  discard(error: FtpError): void
}

/** What became of a download. */
export interface DownloadOutcome {
  readonly status: 'received' | 'skipped' | 'unchanged'
  /** The local path it got, if that is not the one it was meant for. */
  readonly local?: string
}

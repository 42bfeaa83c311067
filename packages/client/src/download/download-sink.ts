import type { DigestAlgorithm } from '@jftp/protocol'
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

/** Where the bytes of one get go. Every method throws FtpError. */
export interface DownloadSink {
  /** The path it is meant for, where that is a local one. */
  readonly local: string | undefined
  /** What becomes of the pieces `write` gets: `free` where all is done with them when it returns. */
  readonly memory: Memory
  /** Looks before the server is asked. */
  prepare(): 'needed' | 'skipped'
  open(facts: RemoteFacts, digest: DigestAlgorithm): void
  /** Takes the pieces and, where it is the sole owner, their memory; a promise means "enough for now". */
  write(pieces: Uint8Array[], ownership: Ownership): void | Promise<void>
  /** After the last piece: what arrived. */
  finish(): TransferSummary | Promise<TransferSummary>
  /** All came and was checked: keep it. `done` is called once. */
  commit(done: (outcome: DownloadOutcome | FtpError) => void): void
  /** Forgets it; what was there before is untouched. Also while `commit` is under way. */
  discard(error: FtpError): void
}

/** What became of a download. */
export interface DownloadOutcome {
  readonly status: 'received' | 'skipped'
  /** The local path it got, where that is another than it was meant for. */
  readonly local?: string
}

import type { DigestAlgorithm, Entry } from '@jftp/protocol'
import type { ByteSource, Passed } from '@jftp/transfer'

/**
 * Where files are. Paths are normal remote paths (see `normalizeRemotePath`). Every method throws
 * ProtocolError, its message fit for the client: cause and fix, never a path of the server's own.
 * Synchronous where that was measured faster for many small files; a storage elsewhere may return promises.
 */
export interface Storage {
  stat(path: string): Awaitable<Entry>
  /** What a folder holds, page by page; of a file, its one entry. */
  list(path: string): Awaitable<Listing>
  /** Throws unless `path` is a folder that may be entered. */
  checkFolder(path: string): Awaitable<void>
  openDownload(path: string, digest: DigestAlgorithm): Awaitable<Download>
  openUpload(path: string, options: UploadOptions): Awaitable<Upload | 'skipped'>
  /** `make-parents`: makes what is missing on the way, and is content where it is there already. */
  makeFolder(path: string, mode: 'one' | 'make-parents'): Awaitable<void>
  removeFolder(path: string): Awaitable<void>
  removeFile(path: string): Awaitable<void>
  rename(from: string, to: string, onExists: 'overwrite' | 'fail'): Awaitable<void>
  close(): Awaitable<void>
}

export type Awaitable<T> = T | Promise<T>

/** A folder opened for listing. */
export interface Listing {
  /** What was listed, links followed. */
  readonly type: Entry['type']
  readonly pages: Iterable<Entry[]> | AsyncIterable<Entry[]>
  close(): Awaitable<void>
}

/** A file opened for reading. */
export interface Download {
  readonly entry: Entry
  readonly source: ByteSource
  close(): Awaitable<void>
}

export interface UploadOptions {
  readonly digest: DigestAlgorithm
  /** Bytes to come, where known. */
  readonly size?: number | undefined
  readonly mtime?: number | undefined
  /** Permission bits the file has in the end, whatever was there. */
  readonly mode?: number | undefined
  /** Permission bits if the file is new, less the umask. */
  readonly createMode?: number | undefined
  readonly onExists: 'overwrite' | 'skip' | 'rename' | 'fail'
}

/** A file on its way in: nowhere to be seen before `commit` is done. */
export interface Upload {
  /** Takes the pieces and their memory; a promise means "enough for now". */
  write(pieces: Uint8Array[]): void | Promise<void>
  /** After the last piece: what arrived. */
  finish(): Awaitable<Passed>
  /**
   * Makes it durable and visible; `done` is called once, commits in the order they were begun. `stored`
   * names the path it got, which `onExists: 'rename'` may have changed.
   */
  commit(done: (outcome: CommitOutcome) => void): void
  /** Forgets it; what was there before is untouched. Not after `commit`. */
  discard(): void
}

export type CommitOutcome =
  | { readonly status: 'stored'; readonly path: string }
  | { readonly status: 'skipped' }
  | { readonly status: 'failed'; readonly error: unknown }

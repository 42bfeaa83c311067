import type { Digest, DigestAlgorithm, Entry, ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'

/**
 * The files of one visitor, as that visitor may see and change them: an implementation is given their root
 * and their permissions, and decides on the path that is left when all links are followed.
 *
 * Paths are normal remote paths (see `normalizeRemotePath`). Every method throws ProtocolError, its message fit
 * for the client: cause and fix, never a path of the server's own. Methods are synchronous if that was measured
 * faster for many small files; a storage elsewhere may return promises.
 */
export interface Storage {
  readonly capabilities: Capabilities
  stat(path: string): Awaitable<Entry>
  /** What a folder holds, page by page; of a file, its one entry. */
  list(path: string): Awaitable<Listing>
  /** Throws unless `path` is a folder that may be entered. */
  checkFolder(path: string): Awaitable<void>
  openDownload(path: string, options: DownloadOptions): Awaitable<Download>
  openUpload(path: string, options: UploadOptions): Awaitable<Upload | 'skipped'>
  /** How many bytes are kept of an upload to `path` that was cut, and their digest; undefined if none are. */
  partial(path: string, algorithm: DigestAlgorithm): Awaitable<TransferSummary | undefined>
  /** The digest of a whole file; undefined for `none`. Lets others work while it reads. */
  digest(path: string, algorithm: DigestAlgorithm): Awaitable<Digest | undefined>
  /** Copies a file inside the storage. Lets others work while it copies. Returns the path the copy got. */
  copy(from: string, to: string, onExists: UploadOptions['onExists']): Awaitable<CopyOutcome>
  /** `make-parents`: makes what is missing on the way, and is content if it is there already. */
  makeFolder(path: string, mode: 'one' | 'make-parents'): Awaitable<void>
  removeFolder(path: string): Awaitable<void>
  removeFile(path: string): Awaitable<void>
  rename(from: string, to: string, onExists: 'overwrite' | 'fail'): Awaitable<void>
}

export type Awaitable<T> = T | Promise<T>

/** What a storage can do besides what all can. */
export interface Capabilities {
  /** Files have permission bits, and `mode` and `createMode` set them. */
  readonly permissionBits: boolean
  /** A file keeps the modification time that it was uploaded with. */
  readonly modificationTimes: boolean
}

/** A folder opened for listing. */
export interface Listing {
  /** What was listed, links followed. */
  readonly type: Entry['type']
  /** Of a folder: equal for two listings only if they are of the same folder, whatever paths led there. */
  readonly key: string
  readonly pages: Iterable<Entry[]> | AsyncIterable<Entry[]>
  close(): Awaitable<void>
}

export interface DownloadOptions {
  readonly digest: DigestAlgorithm
  /** The byte to begin at, 0 by default; the digest is of the bytes from there on. */
  readonly offset?: number | undefined
}

/** Bytes that are read front to back into the reader's memory. Not safe for concurrent calls. */
export interface ByteReader {
  /** How many bytes are still to come; undefined if only the end will tell. */
  readonly left: number | undefined
  /** Resolves to the number of bytes that are now in `target`, whose length is at least 1; 0 at the end. */
  read(target: Uint8Array): Awaitable<number>
  /** After the last byte: what was read. Throws `changed` if it was not the same all the time. */
  finish(): Awaitable<TransferSummary>
  close(): Awaitable<void>
}

/** A file opened for reading. */
export interface Download extends ByteReader {
  readonly entry: Entry
}

export interface UploadOptions {
  readonly digest: DigestAlgorithm
  /** How many bytes will come, if the client has said so. */
  readonly size?: number | undefined
  readonly mtime?: number | undefined
  /** Permission bits the file has in the end, whatever was there. */
  readonly mode?: number | undefined
  /** Permission bits if the file is new, less the umask. */
  readonly createMode?: number | undefined
  readonly onExists: 'overwrite' | 'skip' | 'rename' | 'fail'
  /**
   * Continues the kept partial from this byte on; what it holds beyond is dropped. The digest is of the whole
   * file. `changed` if the partial holds less.
   */
  readonly offset?: number | undefined
}

/** A file on its way in: nowhere to be seen before `commit` is done. */
export interface Upload {
  /** Takes the pieces and their memory; a promise means "enough for now". */
  write(pieces: Uint8Array[]): Awaitable<void>
  /** After the last piece: what arrived. */
  finish(): Awaitable<TransferSummary>
  /**
   * Makes it durable and visible; `done` is called once, commits in the order they were begun. `stored`
   * names the path it got, which `onExists: 'rename'` may have changed.
   */
  commit(done: (outcome: CommitOutcome) => void): void
  /** Stops, and keeps what has arrived to be continued later. Not after `commit`. */
  keep(): Awaitable<void>
  /** Forgets it; what was there before is untouched. Not after `commit`. */
  discard(): Awaitable<void>
}

export type CommitOutcome = CopyOutcome | { readonly type: 'failed'; readonly error: ProtocolError }

export type CopyOutcome = { readonly type: 'stored'; readonly path: string } | { readonly type: 'skipped' }

import type { Digest, DigestAlgorithm, Entry, ProtocolError, Usage } from '@jftp/protocol'
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
  /** `follow` describes what a link leads to. */
  stat(path: string, links?: 'report' | 'follow'): Awaitable<Entry>
  /** What a folder holds, page by page; of a file, its one entry. */
  list(path: string): Awaitable<Listing>
  /** Throws unless `path` is a folder that may be entered. */
  checkFolder(path: string): Awaitable<void>
  openDownload(path: string, options: DownloadOptions): Awaitable<Download>
  openUpload(path: string, options: UploadOptions): Awaitable<Upload | 'skipped'>
  /** The digest of a whole file; undefined for `none`. Lets others work while it reads. */
  digest(path: string, algorithm: DigestAlgorithm, pause: Pause): Awaitable<Digest | undefined>
  /** Copies a file inside the storage. Lets others work while it copies. Returns the path the copy got. */
  copy(from: string, to: string, options: CopyOptions): Awaitable<CopyOutcome>
  /** What a folder takes with all that is in it. Lets others work while it counts. */
  usage(path: string, options: UsageOptions): Awaitable<UsageReport>
  /** The bytes of the place where `path` is. */
  space(path: string): Awaitable<Space>
  /** Sets the permission bits of a file or a folder. `unsupported` if the storage has none. */
  changeMode(path: string, mode: number): Awaitable<void>
  /** Sets the time of the last change; a file that is missing is made if `create` says so. */
  touch(path: string, options: TouchOptions): Awaitable<void>
  /** `make-parents`: makes what is missing on the way, and is content if it is there already. */
  makeFolder(path: string, mode: 'one' | 'make-parents'): Awaitable<void>
  removeFolder(path: string): Awaitable<void>
  /** Removes a file, or the link that `path` is. Throws `changed` unless it leads to this version of a file. */
  removeFile(path: string, version?: FileVersion): Awaitable<void>
  rename(from: string, to: string, onExists: 'overwrite' | 'fail'): Awaitable<void>
}

export type Awaitable<T> = T | Promise<T>

/**
 * Work that takes long awaits it after each small piece, of a millisecond at most, so that others have their turn.
 * Throws `cancelled` if nobody wants the work any more.
 */
export type Pause = () => Promise<void>

/** What a storage can do besides what all can. */
export interface Capabilities {
  /** Files have permission bits, and `mode` and `createMode` set them. */
  readonly permissionBits: boolean
  /** A file keeps the modification time that it was uploaded with. */
  readonly modificationTimes: boolean
}

/** A version of a file, as far as it is known. */
export interface FileVersion {
  /** Bytes. */
  readonly size?: number | undefined
  /** Milliseconds since 1970. */
  readonly mtime?: number | undefined
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
  /** How many bytes to read at most. */
  readonly length?: number | undefined
  /**
   * What the client has already. If the file still begins like that, it is read from there on and the digest is of
   * the whole file; if not, it is read from its beginning.
   */
  readonly resume?: DownloadStart | undefined
}

/** The first bytes of a file as a client has them, and the version that they came from. */
export interface DownloadStart extends FileVersion {
  /** Bytes. */
  readonly offset: number
  readonly digest: Digest
}

/** Bytes that are read front to back into the reader's memory. Not safe for concurrent calls. */
export interface ByteReader {
  /** How many bytes are still to come; undefined if only the end will tell. */
  readonly left: number | undefined
  /** Resolves to the number of bytes that are now in `target`, whose length is at least 1; 0 at the end. */
  read(target: Uint8Array): Awaitable<number>
  /** The same without a promise, if the bytes may be read at once. */
  readNow?(target: Uint8Array): number
  /** After the last byte: what was read. Throws `changed` if it was not the same all the time. */
  finish(): Awaitable<TransferSummary>
  close(): Awaitable<void>
}

/** A file opened for reading. */
export interface Download extends ByteReader {
  readonly entry: Entry
  /** The byte of the file at which it begins. */
  readonly offset: number
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
  /** When the client's source was changed last. With it and `size`, what came may be kept for a later upload. */
  readonly sourceTime?: number | undefined
  /** Continues what was kept of the same source. */
  readonly resume?: boolean | undefined
}

/** A file on its way in: nowhere to be seen before `commit` is done. */
export interface Upload {
  /** What it holds already: for the client to compare before it sends the rest. Undefined if it begins empty. */
  readonly start: TransferSummary | undefined
  /**
   * Uses the pieces until it returns, or until the promise resolves that it returns. A promise means "enough for now".
   * After that their memory is used for something else.
   */
  write(pieces: Uint8Array[]): Awaitable<void>
  /** After the last piece: what arrived. */
  finish(): Awaitable<TransferSummary>
  /**
   * Makes it durable and visible; `done` is called once, commits in the order they were begun. `stored`
   * names the path it got, which `onExists: 'rename'` may have changed.
   */
  commit(done: (outcome: CommitOutcome) => void): void
  /** Stops, and keeps what has arrived to be continued later if that is worth it. Not after `commit`. */
  keep(): Awaitable<void>
  /** Forgets it; what was there before is untouched. Not after `commit`. */
  discard(): Awaitable<void>
}

export type CommitOutcome =
  | { readonly type: 'stored'; readonly path: string }
  | { readonly type: 'skipped' }
  /** The file that is there is equal to what was sent. */
  | { readonly type: 'unchanged'; readonly path: string }
  | { readonly type: 'failed'; readonly error: ProtocolError }

export interface CopyOptions {
  readonly onExists: UploadOptions['onExists']
  /** Gives the copy exactly the mode and the time of the original. Without it, a new file has its mode less the umask. */
  readonly preserve?: 'times-and-mode' | undefined
  readonly pause: Pause
}

export type CopyOutcome =
  | { readonly type: 'stored'; readonly path: string; readonly size: number }
  | { readonly type: 'skipped' }

export interface UsageOptions {
  /** Folders deeper below the path than so many names are counted and not told. */
  readonly depth?: number | undefined
  readonly pause: Pause
  /** Called for each folder that can't be read. */
  readonly onUnreadable: (error: ProtocolError) => void
}

/** The totals of a folder, page by page. Each folder comes behind all that is in it. */
export interface UsageReport {
  readonly pages: AsyncIterable<Usage[]>
  close(): Awaitable<void>
}

/** Bytes. Of those that are free, some may be kept for the owner of the file system. */
export interface Space {
  readonly total: number
  readonly free: number
  readonly available: number
}

export interface TouchOptions {
  /** Milliseconds since 1970; the present if it is left out. */
  readonly mtime?: number | undefined
  readonly create: boolean
}

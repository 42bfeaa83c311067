import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import type { FtpError } from '../errors/ftp-error.js'
import type { NameFilter } from './name-filter.js'
import type { SortedEntries } from './sorted-entries.js'
import type { TreeEntry } from './tree-entry.js'

/** Whether a root that does not exist is an error or an empty tree. */
export type MissingRoot = 'fails' | 'is-empty'

export interface ReadOptions {
  readonly filter: NameFilter
  readonly missingRoot: MissingRoot
  /** `follow` tells what a link leads to, if that is possible and in the tree. */
  readonly links: 'follow' | 'report'
  /** Is told of each folder or name that could not be looked at. The walk goes on. */
  readonly onUnreadable: (error: FtpError) => void
  readonly signal: AbortSignal | undefined
}

/** One of the two trees of a sync or a diff. A `path` is one below its root, as in a TreeEntry. */
export interface SyncSide {
  readonly name: 'local' | 'remote'
  /** The whole path of a name; that of the root for the empty path. */
  pathOf(path: string): string
  /**
   * Adds everything below the root, except what is in excluded folders. Resolves to `missing` if there is no root and
   * that is allowed. Throws if the root is no folder.
   */
  read(entries: SortedEntries, options: ReadOptions): Promise<'found' | 'missing'>
  /** Makes the root, and the folders on the way to it, if they are missing. */
  makeRoot(): Promise<void>
  makeFolder(path: string): Promise<void>
  /** Sets the mtime of a file, in milliseconds since 1970. */
  setTime(path: string, mtime: number): Promise<void>
  /** Removes a file, the link itself, or an empty folder. */
  remove(entry: TreeEntry): Promise<void>
  /** The digests of files, in their order. One that can't be read has its error instead. */
  digests(paths: readonly string[], alg: Exclude<DigestAlgorithm, 'none'>): Promise<(Digest | FtpError)[]>
}

import type { FtpError } from '../errors/ftp-error.js'
import type { NameFilter } from './name-filter.js'
import type { SortedEntries } from './sorted-entries.js'
import type { MissingRoot, ReadOptions, SyncSide } from './sync-side.js'

/** A tree to be read, and where to put what is in it. */
export interface TreeToRead {
  readonly side: SyncSide
  readonly entries: SortedEntries
  readonly missingRoot: MissingRoot
  readonly links: ReadOptions['links']
}

/** What reading two trees came to: whether each root is there, and what could not be read below them. */
export interface TreesRead {
  readonly roots: readonly ('found' | 'missing')[]
  readonly unreadable: readonly FtpError[]
}

/** Reads both trees at the same time. Throws if a root can't be read. */
export async function readTrees(
  trees: readonly TreeToRead[],
  filter: NameFilter,
  signal: AbortSignal | undefined,
): Promise<TreesRead> {
  const unreadable: FtpError[] = []
  const onUnreadable = (error: FtpError) => unreadable.push(error)
  const reading = trees.map(({ side, entries, missingRoot, links }) =>
    side.read(entries, { filter, missingRoot, links, onUnreadable, signal }),
  )
  // If one fails, the other one must have ended before the entries are disposed of.
  await Promise.allSettled(reading)
  return { roots: await Promise.all(reading), unreadable }
}

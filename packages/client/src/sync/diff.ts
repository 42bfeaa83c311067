import { checkLocalPath, checkOptions, toRemotePath } from '../checked-arguments.js'
import type { FtpClient } from '../client.js'
import { toFtpError } from '../errors/ftp-error.js'
import { compareTrees, type TreeComparison } from './compare-trees.js'
import { comparisonDigest, FileDigests } from './file-digests.js'
import { LocalSide } from './local-side.js'
import { NameFilter } from './name-filter.js'
import { readTrees } from './read-trees.js'
import { RemoteSide } from './remote-side.js'
import { SortedEntries } from './sorted-entries.js'
import type { DiffOptions, SyncRoots } from './sync-options.js'

/** Compares two trees by the content of their files. */
export async function* diff(
  client: FtpClient,
  roots: Pick<SyncRoots, 'local' | 'remote'>,
  options: DiffOptions,
): AsyncGenerator<TreeComparison, void, undefined> {
  try {
    checkOptions('diff', options)
    checkLocalPath(roots.local)
    const { signal, digest, filters = [] } = options
    const local = new LocalSide(roots.local)
    const remote = new RemoteSide(client, toRemotePath(roots.remote), signal)
    using here = new SortedEntries()
    using there = new SortedEntries()
    const trees = [
      { side: local, entries: here, missingRoot: 'fails', links: 'follow' },
      { side: remote, entries: there, missingRoot: 'fails', links: 'follow' },
    ] as const
    const { unreadable } = await readTrees(trees, new NameFilter(filters), signal)
    for (const error of unreadable) yield { type: 'failed', error }
    const digests = new FileDigests(local, remote, comparisonDigest(digest))
    yield* compareTrees(here, there, digests)
  } catch (error) {
    throw toFtpError(error)
  }
}

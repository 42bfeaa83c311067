import { MAX_EAGER_SIZE } from '@jftp/protocol'
import { checkLocalPath, checkOptions, toRemotePath } from '../checked-arguments.js'
import type { FtpClient } from '../client.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { comparisonDigest } from './file-digests.js'
import { LocalSide } from './local-side.js'
import { NameFilter } from './name-filter.js'
import { RemoteSide } from './remote-side.js'
import type { SyncOptions, SyncResult, SyncRoots } from './sync-options.js'
import { runSync } from './sync-run.js'
import type { SyncParts } from './sync-work.js'

/** Makes one tree like the other. */
export async function sync(client: FtpClient, roots: SyncRoots, options: SyncOptions): Promise<SyncResult> {
  try {
    checkOptions('sync', options)
    if (options.delete !== undefined && options.onExists === 'rename') {
      throw new FtpError(
        'usage',
        'the next sync would delete what `rename` stores; use one of delete and rename',
      )
    }
    return await runSync(partsOf(client, roots, options), options)
  } catch (error) {
    throw toFtpError(error)
  }
}

function partsOf(client: FtpClient, roots: SyncRoots, options: SyncOptions): SyncParts {
  const { signal, digest, filters = [] } = options
  checkLocalPath(roots.local)
  const local = new LocalSide(roots.local)
  const remote = new RemoteSide(client, toRemotePath(roots.remote), signal)
  const [source, target] = roots.direction === 'up' ? [local, remote] : [remote, local]
  return {
    source,
    target,
    client,
    filter: new NameFilter(filters),
    digest: comparisonDigest(digest),
    async send(connection, item, { size, mtime }, { signal, onProgress }) {
      const onExists = onExistsOf(options.onExists, size)
      // The next sync compares times, so every copy has to have that of its original.
      const how = { signal, onProgress, digest, onExists, preserve: 'times-and-mode' } as const
      const result =
        roots.direction === 'up'
          ? await connection.put(item.local, item.remote, how)
          : await connection.get(item.remote, item.local, { ...how, localLink: 'replace' })
      if (result.status === 'unchanged') await target.setTime(item.path, mtime)
      return result
    },
  }
}

/**
 * What a transfer does if its name is taken. Which files may be replaced was decided before. Going on with what an
 * earlier transfer has left is only worth its round trip for a file that is not sent at once.
 */
function onExistsOf(wanted: SyncOptions['onExists'], size: number): SyncOptions['onExists'] {
  if (wanted !== undefined && wanted !== 'newer' && wanted !== 'overwrite') return wanted
  return size > MAX_EAGER_SIZE ? 'resume' : 'overwrite'
}

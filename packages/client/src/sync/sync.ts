import { checkLocalPath, checkOptions, toRemotePath } from '../checked-arguments.js'
import type { FtpClient } from '../client.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { comparisonDigest } from './file-digests.js'
import { LocalSide } from './local-side.js'
import { NameFilter } from './name-filter.js'
import { RemoteSide } from './remote-side.js'
import type { SyncOptions, SyncResult, TreePlaces } from './sync-options.js'
import { runSync } from './sync-run.js'
import type { SyncParts } from './sync-work.js'

/** Makes one tree like the other. */
export async function sync(client: FtpClient, places: TreePlaces, options: SyncOptions): Promise<SyncResult> {
  try {
    checkOptions('sync', options)
    if (options.delete !== undefined && options.onExists === 'rename') {
      throw new FtpError(
        'usage',
        'the next sync would delete what `rename` stores; use one of delete and rename',
      )
    }
    return await runSync(partsOf(client, places, options), options)
  } catch (error) {
    throw toFtpError(error)
  }
}

function partsOf(client: FtpClient, places: TreePlaces, options: SyncOptions): SyncParts {
  const { signal, digest, filters = [], onExists } = options
  checkLocalPath(places.local)
  const local = new LocalSide(places.local)
  const remote = new RemoteSide(client, toRemotePath(places.remote), signal)
  // A rerun compares mtimes, so every copy has to have that of its original.
  const transfer = { signal, digest, preserve: 'times-and-mode', onExists: onExistsOf(onExists) } as const
  return {
    ...(places.direction === 'up' ? { source: local, target: remote } : { source: remote, target: local }),
    filter: new NameFilter(filters),
    digest: comparisonDigest(digest),
    send: (place, onProgress) =>
      places.direction === 'up'
        ? client.put(place.local, place.remote, { ...transfer, onProgress })
        : client.get(place.remote, place.local, { ...transfer, onProgress }),
  }
}

/** What a transfer does if its name is taken after all. Which files may be replaced was decided before. */
function onExistsOf(onExists: SyncOptions['onExists']): 'overwrite' | 'skip' | 'rename' | 'fail' {
  return onExists === undefined || onExists === 'newer' || onExists === 'resume' ? 'overwrite' : onExists
}

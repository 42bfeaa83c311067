import type { DiskRoot } from './storage/disk-root.js'
import { DiskStorage } from './storage/disk-storage.js'
import { type SharedName, SharedStorage } from './storage/shared-storage.js'
import { Permissions } from './visitors/permissions.js'

/**
 * Each name is read through the folder that holds it, with permission for this one name. Permissions are decided on the
 * path that is left when all links are followed, so no link leads to anything else of that folder.
 */
export function openShared(
  shared: readonly SharedName[],
  user: string,
  rootAt: (folder: string) => DiskRoot,
): SharedStorage {
  return new SharedStorage(
    new Map(
      shared.map(({ folder, name }) => {
        const permissions = new Permissions(user, [{ path: `/${name}`, allows: ['list', 'read'] }])
        return [name, new DiskStorage(rootAt(folder), permissions)]
      }),
    ),
  )
}

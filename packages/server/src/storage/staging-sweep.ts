import { readdirSync, rmdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DAEMON_ID, OWN_ID } from './daemon-id.js'
import { errnoOf } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { isRunning } from './life-sign.js'
import { keepPartial } from './partial-folder.js'
import { readLabel } from './partial-name.js'
import { RESERVED_NAME } from './path-walk.js'
import { STAGING_PREFIX } from './staging.js'

const NAME = new RegExp(`^${STAGING_PREFIX}(${DAEMON_ID.source})$`)

/**
 * Removes what daemons that have ended left half-written. What was synced of an upload that can be continued becomes
 * a partial. Call before the first upload.
 */
export async function sweepStaging(root: string): Promise<void> {
  await forEachStaging(root, async (path, id) => {
    if (id === OWN_ID || !(await isRunning(root, id, path))) clear(root, path)
  })
}

/** Does the same with this daemon's own staging folder. Call after the last upload. */
export async function removeStaging(root: string): Promise<void> {
  await forEachStaging(root, (path, id) => {
    if (id === OWN_ID) clear(root, path)
  })
  try {
    rmdirSync(join(root, RESERVED_NAME))
  } catch {
    // The folder does not exist, or another daemon still has its staging in it, or partials are kept.
  }
}

/** Whether an upload that is under way would leave the partial of this name, in whatever thread or daemon. */
export async function isStaged(root: string, partial: string): Promise<boolean> {
  let found = false
  await forEachStaging(root, async (path, id) => {
    if (!namesIn(path).some((name) => readLabel(name)?.partial === partial)) return
    // A daemon that was killed lets nobody wait.
    if (id === OWN_ID || (await isRunning(root, id, path))) found = true
    else clear(root, path)
  })
  return found
}

function clear(root: string, folder: string): void {
  for (const name of namesIn(folder)) {
    const { partial, key, synced = 0 } = readLabel(name) ?? {}
    if (partial === undefined || key === undefined || synced === 0) continue
    const path = join(folder, name)
    // What lies behind was perhaps not written any more.
    truncateSync(path, synced)
    keepPartial(root, key, partial, path)
  }
  rmSync(folder, { recursive: true, force: true })
}

/** Somebody may have put something else in the folder's place, or removed it meanwhile. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (['ENOTDIR', 'ENOENT'].includes(errnoOf(error) ?? '')) return []
    throw error
  }
}

/** Calls `visit` for each staging folder, also after a call has thrown. Throws the first error at the end. */
async function forEachStaging(
  root: string,
  visit: (path: string, id: string) => void | Promise<void>,
): Promise<void> {
  let reserved: Folder
  try {
    reserved = openFolder(join(root, RESERVED_NAME))
  } catch {
    return
  }
  const failures: unknown[] = []
  try {
    for (const name of readdirSync(reserved.self)) {
      const [, id] = NAME.exec(name) ?? []
      if (id === undefined) continue
      try {
        await visit(reserved.child(name), id)
      } catch (error) {
        failures.push(error)
      }
    }
  } finally {
    reserved.close()
  }
  if (failures.length > 0) throw failures[0]
}

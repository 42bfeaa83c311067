import { readdirSync, rmdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from '@jftp/transfer'
import { errnoOf } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { keepPartial } from './partial-folder.js'
import { readLabel } from './partial-name.js'
import { RESERVED_NAME } from './path-walk.js'
import { STAGING_PREFIX } from './staging.js'

/**
 * Removes what daemons that have ended left half-written. What was synced of an upload that can be continued becomes
 * a partial. Call before the first upload.
 */
export function sweepStaging(root: string): void {
  forEachStaging(root, (path, pid) => {
    if (pid === process.pid || !isAlive(pid)) clear(root, path)
  })
}

/** Does the same with this daemon's own staging folder. Call after the last upload. */
export function removeStaging(root: string): void {
  forEachStaging(root, (path, pid) => {
    if (pid === process.pid) clear(root, path)
  })
  try {
    rmdirSync(join(root, RESERVED_NAME))
  } catch {
    // The folder does not exist, or another daemon still has its staging in it, or partials are kept.
  }
}

/** Whether an upload that is under way would leave the partial of this name, in whatever thread or daemon. */
export function isStaged(root: string, partial: string): boolean {
  let found = false
  forEachStaging(root, (path, pid) => {
    if (!namesIn(path).some((name) => readLabel(name)?.partial === partial)) return
    // A daemon that was killed lets nobody wait.
    if (pid === process.pid || isAlive(pid)) found = true
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
function forEachStaging(root: string, visit: (path: string, pid: number) => void): void {
  let reserved: Folder
  try {
    reserved = openFolder(join(root, RESERVED_NAME))
  } catch {
    return
  }
  const failures: unknown[] = []
  try {
    for (const name of readdirSync(reserved.self)) {
      const pid = Number(name.slice(STAGING_PREFIX.length))
      if (!name.startsWith(STAGING_PREFIX) || !Number.isSafeInteger(pid)) continue
      try {
        visit(reserved.child(name), pid)
      } catch (error) {
        failures.push(error)
      }
    }
  } finally {
    reserved.close()
  }
  if (failures.length > 0) throw failures[0]
}

import { lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { RESERVED_NAME } from './path-walk.js'
import { makeReservedFolder } from './reserved-folder.js'

/** Where partials are kept, in ftpd's own folder under the root. */
export const PARTIALS_FOLDER = 'partials'

/** Gives the staged file at `path` the name of a partial. It takes the place of an earlier one with this key. */
export function keepPartial(root: string, key: string, name: string, path: string): void {
  dropPartials(root, key)
  const folder = makeReservedFolder(root, PARTIALS_FOLDER)
  try {
    renameSync(path, folder.child(name))
  } finally {
    folder.close()
  }
}

/** Forgets what is kept with this key. */
export function dropPartials(root: string, key: string): void {
  forEachPartial(root, (folder, name) => {
    if (name.startsWith(`${key}.`)) unlinkIfThere(folder.child(name))
  })
}

/**
 * Removes partials that nobody has continued for `maxAge` milliseconds. One that is being continued is not among them,
 * because it has been taken.
 */
export function sweepPartials(root: string, maxAge: number, now = Date.now()): void {
  forEachPartial(root, (folder, name) => {
    const stat = lstatSync(folder.child(name), { throwIfNoEntry: false })
    if (stat !== undefined && now - stat.mtimeMs >= maxAge) unlinkIfThere(folder.child(name))
  })
  try {
    rmdirSync(join(root, RESERVED_NAME, PARTIALS_FOLDER))
  } catch {
    // There is none, or something is kept in it.
  }
}

function forEachPartial(root: string, visit: (folder: Folder, name: string) => void): void {
  let folder: Folder
  try {
    folder = openFolder(join(root, RESERVED_NAME, PARTIALS_FOLDER))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw error
  }
  try {
    for (const name of readdirSync(folder.self)) visit(folder, name)
  } finally {
    folder.close()
  }
}

/** Somebody else may have taken or removed it meanwhile. */
function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}

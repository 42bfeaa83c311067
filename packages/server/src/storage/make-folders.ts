import { lstatSync, mkdirSync } from 'node:fs'
import { splitRemotePath } from '@jftp/protocol'
import { errnoOf, toProtocolError } from './disk-error.js'
import { type Folder, syncFolder } from './folder.js'
import { isReserved, type PathWalk, type Place, reserved } from './path-walk.js'

/**
 * Makes the folders of `path` that are missing. Each is made and opened in the one before it, so that the
 * work grows with the length of the path and not with its square. `check` throws if a folder may not be made.
 */
export async function makeFolders(walk: PathWalk, path: string, check: CheckPlace): Promise<void> {
  let made = ''
  let { folder, atTop } = walk.root()
  try {
    for (const name of splitRemotePath(path)) {
      made += `/${name}`
      if (atTop && isReserved(name)) throw reserved(made)
      if (makeUnlessThere(folder, name, check)) await syncFolder(folder)
      const above = folder
      try {
        ;({ folder, atTop } = walk.enter({ folder, name, atTop }, made))
      } finally {
        if (folder !== above) above.close()
      }
    }
  } catch (error) {
    throw toProtocolError(error, made)
  } finally {
    folder.close()
  }
}

type CheckPlace = (place: Pick<Place, 'folder' | 'name'>) => void

/** False if the name is there already, whatever it is. */
function makeUnlessThere(folder: Folder, name: string, check: CheckPlace): boolean {
  if (lstatSync(folder.child(name), { throwIfNoEntry: false }) !== undefined) return false
  check({ folder, name })
  try {
    mkdirSync(folder.child(name))
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

import { mkdirSync } from 'node:fs'
import { errnoOf } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { RESERVED_NAME } from './path-walk.js'

/** Opens the folder that holds ftpd's own under a root, made if it is missing. The caller closes it. */
export function makeReservedTop(root: string): Folder {
  const top = openFolder(root)
  try {
    return makeFolder(top, RESERVED_NAME)
  } finally {
    top.close()
  }
}

/** Opens one of ftpd's own folders under a root, made if it is missing. The caller closes it. */
export function makeReservedFolder(root: string, name: string): Folder {
  const reserved = makeReservedTop(root)
  try {
    return makeFolder(reserved, name)
  } finally {
    reserved.close()
  }
}

/** Opens the folder without following a link, which somebody may have put in its place. */
function makeFolder(parent: Folder, name: string): Folder {
  try {
    mkdirSync(parent.child(name), { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
  return openFolder(parent.child(name))
}

import { lstatSync, readlinkSync } from 'node:fs'
import {
  joinRemotePath,
  MAX_PATH_DEPTH,
  ProtocolError,
  remoteBasename,
  remoteDirname,
  splitRemotePath,
} from '@jftp/protocol'
import { errnoOf } from './disk-error.js'
import { type Folder, hasProcFs, openFolder, toLocation } from './folder.js'

/** The folder at the top of a root that holds ftpd's own files; no client sees or reaches it. */
export const RESERVED_NAME = '.jftp'

/** The most links followed on one path, as on Linux. A path with more is taken to go in circles. */
const MAX_LINKS = 40

/** A name in an open folder; the name `.` means the folder itself. The caller closes the folder. */
export interface Place {
  readonly folder: Folder
  readonly name: string
  /** Whether the folder is the root. */
  readonly atTop: boolean
  /** The folder's `location`, if the walk had to look it up. */
  readonly location?: string
}

interface KnownFolder {
  readonly path: string
  readonly location: string
  readonly folder: Folder
}

/**
 * Walks from the root one name at a time. Each name is looked up in the folder that was opened before, so that
 * the kernel never follows a link. The walk follows links itself, and only inside the root: it refuses a `..`
 * that leads above the root, and an absolute link that does not point into it.
 */
export class PathWalk {
  readonly #root: string
  /** Whether the root is a folder in the root that is served, where folders on the way to it may be moved. */
  readonly #isHome: boolean
  /** The folder that was found last. It is remembered because many files in a row go to the same folder. */
  #last: KnownFolder | undefined

  /** `root`: the real path of the root. */
  constructor(root: string, kind: 'served' | 'home' = 'served') {
    this.#root = root
    this.#isHome = kind === 'home'
  }

  /** The folder that holds `path`, and the last name of `path`, which need not exist and may be a link. */
  parentOf(path: string): Place {
    const parent = remoteDirname(path)
    const known = this.#recall(parent)
    if (known === undefined || path === '/') return this.#remember(parent, this.#walk(path, 'keep'))
    const name = remoteBasename(path)
    if (parent === '/' && isReserved(name)) throw reserved(path)
    return { folder: known.folder.share(), name, atTop: parent === '/', location: known.location }
  }

  /** The same for what `path` leads to: if its last name is a link, that is followed. */
  targetOf(path: string): Place {
    return this.#walk(path, 'follow')
  }

  close(): void {
    this.#last?.folder.close()
    this.#last = undefined
  }

  /** The remote path of a folder in the root. */
  remotePathOf(location: string): string {
    const path = Buffer.from(location, 'latin1').toString()
    return this.#root === '/' ? path : path.slice(this.#root.length) || '/'
  }

  /** The remote path of a place, with no link in it. Throws `changed` if its folder is not in the root any more. */
  pathOf({ folder, name }: Pick<Place, 'folder' | 'name'>): string {
    const location = folder.location()
    const path = Buffer.from(location, 'latin1').toString()
    const isInside = this.#root === '/' || `${path}/`.startsWith(`${this.#root}/`)
    if (!isInside) throw new ProtocolError('changed', 'its folder was moved out of the root')
    return joinRemotePath(this.remotePathOf(location), name === '.' ? '' : name)
  }

  /** The root. The caller closes it. */
  root(): { folder: Folder; atTop: boolean } {
    return { folder: this.#openRoot(), atTop: true }
  }

  /** Opens the folder `name` in `place`, which `path` leads to; a link is followed. The caller closes both. */
  enter({ folder, name }: Place, path: string): { folder: Folder; atTop: boolean } {
    const found = tryOpenFolder(folder.child(name))
    if (found !== undefined) return { folder: found, atTop: false }
    const end = this.targetOf(path)
    if (end.name === '.') return end
    try {
      return { folder: openFolder(end.folder.child(end.name)), atTop: false }
    } finally {
      end.folder.close()
    }
  }

  /** The remembered folder, if it is that of `path` and the kernel says that it is still in its place. */
  #recall(path: string): KnownFolder | undefined {
    const last = this.#last
    return last?.path === path && last.folder.location() === last.location ? last : undefined
  }

  /** A folder found through a link is not remembered: the link may change while the folder stays. */
  #remember(path: string, place: Place): Place {
    if (place.name === '.' || !hasProcFs) return place
    const location = toLocation(this.#pathOf(path))
    if (place.folder.location() !== location) return place
    this.#last?.folder.close()
    this.#last = { path, location, folder: place.folder.share() }
    return { ...place, location }
  }

  #pathOf(path: string): string {
    if (path === '/') return this.#root
    return this.#root === '/' ? path : this.#root + path
  }

  #walk(path: string, last: 'keep' | 'follow'): Place {
    const open: Folder[] = [this.#openRoot()]
    try {
      const name = this.#descend(open, path, last)
      const folder = open.pop() as Folder
      return { folder, name, atTop: open.length === 0 }
    } finally {
      for (const folder of open) folder.close()
    }
  }

  /** Throws `not-found` if a folder on the way to a home was replaced by a link, which could lead anywhere. */
  #openRoot(): Folder {
    const folder = openFolder(this.#root)
    if (!this.#isHome || folder.location() === toLocation(this.#root)) return folder
    folder.close()
    throw new ProtocolError('not-found', 'the home folder is not where it was')
  }

  /** Walks along `path`. The folder that was found is then the last one of `open`; returns the name in it. */
  #descend(open: Folder[], path: string, last: 'keep' | 'follow'): string {
    const names = splitRemotePath(path).reverse()
    let links = 0
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const folder = open.at(-1) as Folder
      if (name === '' || name === '.') continue
      if (name === '..') {
        if (open.length === 1) throw leadsOut(path)
        open.pop()?.close()
        continue
      }
      if (open.length === 1 && isReserved(name)) throw reserved(path)
      const isLast = names.length === 0
      if (isLast && last === 'keep') return name
      const found = isLast ? undefined : tryOpenFolder(folder.child(name))
      if (found !== undefined) {
        open.push(found)
        if (open.length > MAX_PATH_DEPTH) throw leadsOut(path)
        continue
      }
      const target = linkTarget(folder.child(name))
      if (target === undefined) {
        if (isLast) return name
        throw new ProtocolError('not-a-directory', `not a folder: ${name}`, { path })
      }
      if (++links > MAX_LINKS) throw leadsOut(path)
      if (target.startsWith('/')) for (const held of open.splice(1)) held.close()
      names.push(...this.#linkNames(target, path).reverse())
    }
    return '.'
  }

  #linkNames(target: string, path: string): string[] {
    if (!target.startsWith('/')) return target.split('/')
    if (target === this.#root) return []
    const prefix = this.#root === '/' ? '/' : `${this.#root}/`
    if (!target.startsWith(prefix)) throw leadsOut(path)
    return target.slice(prefix.length).split('/')
  }
}

export function isReserved(name: string): boolean {
  return name.toLowerCase() === RESERVED_NAME
}

function tryOpenFolder(path: string): Folder | undefined {
  try {
    return openFolder(path)
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOTDIR' || code === 'ELOOP') return undefined
    throw error
  }
}

/** Where a link points; undefined if there is no link at `path`. */
function linkTarget(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isSymbolicLink() ? readlinkSync(path) : undefined
}

function leadsOut(path: string): ProtocolError {
  return new ProtocolError('permission-denied', 'a link leads out of the root, or in circles', { path })
}

export function reserved(path: string): ProtocolError {
  return new ProtocolError('permission-denied', `the name ${RESERVED_NAME} is the server's own`, { path })
}

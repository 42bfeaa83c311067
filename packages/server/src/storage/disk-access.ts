import { lstatSync } from 'node:fs'
import { ProtocolError } from '@jftp/protocol'
import type { Permission, Permissions } from '../visitors/permissions.js'
import { toProtocolError } from './disk-error.js'
import type { DiskRoot } from './disk-root.js'
import { syncFolder } from './folder.js'
import type { Place } from './path-walk.js'

/** A place by the folder that holds it. */
export type NamedPlace = Pick<Place, 'folder' | 'name'>

/** Finds what a path of one visitor leads to, and asks whether they may do what they want there. */
export class DiskAccess {
  readonly #root: DiskRoot
  readonly #permissions: Permissions

  constructor(root: DiskRoot, permissions: Permissions) {
    this.#root = root
    this.#permissions = permissions
  }

  /** Changes something of what `path` leads to. */
  changeTarget(path: string, change: (place: Place) => void): void {
    guarded(path, () => {
      const place = this.#root.walk.targetOf(path)
      try {
        notRoot(place.name, path)
        // What is missing is not overwritten: the caller may make it.
        lstatSync(place.folder.child(place.name))
        this.check('overwrite', place)
        change(place)
      } finally {
        place.folder.close()
      }
    })
  }

  allows(permission: Permission, place: NamedPlace): boolean {
    return this.#permissions.allows(permission, this.#resolved(place))
  }

  check(permission: Permission, place: NamedPlace): void {
    this.#permissions.check(permission, this.#resolved(place))
  }

  checkBelow(permission: Permission, place: NamedPlace): void {
    this.#permissions.checkBelow(permission, this.#resolved(place))
  }

  /**
   * The path with all links resolved. If the permissions are the same everywhere, it returns `/` and saves the
   * system call.
   */
  #resolved(place: NamedPlace): string {
    return this.#permissions.isUniform ? '/' : this.#root.walk.pathOf(place)
  }

  /** Changes what `path` names, then syncs the folder that holds it. */
  async change(path: string, change: (place: Place) => void | Promise<void>): Promise<void> {
    let place: Place | undefined
    try {
      place = this.#root.walk.parentOf(path)
      await change(place)
      await syncFolder(place.folder)
    } catch (error) {
      throw toProtocolError(error, path)
    } finally {
      place?.folder.close()
    }
  }

  /** Finds the place of `path`, or of what it leads to if it is a link, and closes it after `use`. */
  at<T>(path: string, which: 'name' | 'target', use: (place: Place) => T): T {
    return guarded(path, () => {
      const { walk } = this.#root
      const place = which === 'name' ? walk.parentOf(path) : walk.targetOf(path)
      try {
        this.check('list', place)
        return use(place)
      } finally {
        place.folder.close()
      }
    })
  }
}

/** The name of a place. Throws if that is the root itself, which nobody may change. */
export function notRoot(name: string, path: string): string {
  if (name === '.') throw new ProtocolError('bad-request', 'that is the root itself', { path })
  return name
}

/** Its errors are those of the protocol. */
export function guarded<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw toProtocolError(error, path)
  }
}

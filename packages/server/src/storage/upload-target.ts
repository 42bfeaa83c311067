import { lstatSync, openSync, type Stats, statSync } from 'node:fs'
import { joinRemotePath, ProtocolError } from '@jftp/protocol'
import type { AtomicTarget } from '@jftp/transfer'
import type { Folder } from './folder.js'
import type { PathWalk, Place } from './path-walk.js'

/** Where an upload goes. The folder is held open, and is the owner's to close. */
export class UploadTarget implements AtomicTarget {
  readonly folder: Folder
  /** A path that leads to the file. */
  readonly path: string
  /** Equal for two targets only if they are the same name in the same folder. */
  readonly key: string
  /** What was there when the upload began. */
  readonly existing: Stats | undefined
  /** The remote path that the client named. */
  readonly askedPath: string
  /** The remote path of the file after all links on the way have been followed. */
  readonly remotePath: string
  /** Where the folder was when the upload began. */
  readonly #location: string

  constructor({ place, existing }: Looked, askedPath: string, remotePath: string, location: string) {
    this.folder = place.folder
    this.path = place.folder.child(place.name)
    this.key = `${place.folder.key}/${place.name}`
    this.existing = existing
    this.askedPath = askedPath
    this.remotePath = remotePath
    this.#location = location
  }

  get folderKey(): string {
    return `${this.folder.key} ${this.#location}`
  }

  openFolder(): number {
    return openSync(this.folder.self, 'r')
  }

  /** Nothing may be written to where a folder has been moved to, which may be outside the root. */
  checkFolder(): void {
    if (this.folder.location() === this.#location) return
    if (statSync(this.folder.self).nlink === 0) throw new ProtocolError('not-found', 'its folder was removed')
    throw new ProtocolError('changed', 'its folder was moved while the file was sent; nothing was stored')
  }
}

/** An upload to a link goes to what the link leads to, inside the root only, as a download comes from there. */
export function findUploadTarget(walk: PathWalk, path: string): UploadTarget {
  const named = lookAt(walk.parentOf(path))
  if (!named.existing?.isSymbolicLink())
    return new UploadTarget(named, path, path, named.place.location ?? named.place.folder.location())
  named.place.folder.close()
  const end = lookAt(walk.targetOf(path))
  const { folder, name } = end.place
  const location = folder.location()
  return new UploadTarget(end, path, joinRemotePath(walk.remotePathOf(location), name), location)
}

interface Looked {
  readonly place: Place
  readonly existing: Stats | undefined
}

/** Closes the folder if it can't look. */
function lookAt(place: Place): Looked {
  try {
    return { place, existing: lstatSync(place.folder.child(place.name), { throwIfNoEntry: false }) }
  } catch (error) {
    place.folder.close()
    throw error
  }
}

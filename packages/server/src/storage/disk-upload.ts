import {
  accessSync,
  constants,
  fchmodSync,
  futimesSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  statfsSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { joinRemotePath, ProtocolError } from '@jftp/protocol'
import {
  FileSink,
  FolderSyncError,
  type GroupCommit,
  type Passed,
  publishNew,
  publishNumbered,
} from '@jftp/transfer'
import { checkReplaceable, MAX_TIME } from './disk-entry.js'
import { toProtocolError } from './disk-error.js'
import { notDurable } from './folder.js'
import type { PathWalk, Place } from './path-walk.js'
import type { StagedFile, Staging } from './staging.js'
import type { CommitOutcome, Upload, UploadOptions } from './storage.js'

/** What the disk storage lends to its uploads. */
export interface UploadSite {
  readonly walk: PathWalk
  readonly staging: Staging
  readonly commits: GroupCommit
  /** Files that are being committed, by the key of their target. */
  readonly committing: Map<string, Promise<void>>
}

/** The room for a smaller body is not looked up before it is received. */
const CHECK_SIZE = 1024 * 1024

/** Returns a promise only if an earlier upload to the same name is still being committed. */
export function openDiskUpload(
  site: UploadSite,
  path: string,
  options: UploadOptions,
): Upload | 'skipped' | Promise<Upload | 'skipped'> {
  const target = findTarget(site.walk, path)
  const { place, existing } = target
  try {
    // What is there now is about to be replaced, so its mode must not be passed on.
    const earlier = site.committing.get(target.key)
    if (earlier !== undefined) {
      place.folder.close()
      return earlier.then(() => openDiskUpload(site, path, options))
    }
    if (place.name === '.' || existing?.isDirectory())
      throw new ProtocolError('is-a-directory', 'is a folder', { path })
    if (existing !== undefined && options.onExists === 'fail') throw taken(path)
    if (existing !== undefined && options.onExists === 'skip') {
      place.folder.close()
      return 'skipped'
    }
    if (existing !== undefined && options.onExists === 'overwrite') checkReplaceable(existing, path)
    checkTime(options.mtime, path)
    checkRoom(place, options.size, path)
    return new DiskUpload(site, path, target, options)
  } catch (error) {
    place.folder.close()
    throw error
  }
}

/** Where an upload goes, and what is there now. */
interface Target {
  readonly place: Place
  readonly existing: Stats | undefined
  /** Where the folder was when the upload began. */
  readonly location: Buffer
  /** The file's path if no link is followed any more. */
  readonly path: string
  /** Equal for two targets only if they are the same name in the same folder. */
  readonly key: string
}

/** An upload to a link goes to what the link leads to, inside the root only, as a download comes from there. */
function findTarget(walk: PathWalk, path: string): Target {
  const named = lookAt(walk.parentOf(path))
  const { place, existing } = named.existing?.isSymbolicLink() ? follow(walk, path, named.place) : named
  const { folder, name } = place
  const location = folder.location()
  const finalPath = place === named.place ? path : joinRemotePath(walk.remotePathOf(location), name)
  return { place, existing, location, path: finalPath, key: `${folder.key}/${name}` }
}

function follow(walk: PathWalk, path: string, link: Place): Looked {
  link.folder.close()
  return lookAt(walk.targetOf(path))
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

class DiskUpload implements Upload {
  readonly #site: UploadSite
  readonly #path: string
  readonly #target: Target
  readonly #options: UploadOptions
  readonly #file: StagedFile
  readonly #sink: FileSink

  constructor(site: UploadSite, path: string, target: Target, options: UploadOptions) {
    this.#site = site
    this.#path = path
    this.#target = target
    this.#options = options
    this.#file = stage(site.staging, target.existing, options)
    this.#sink = new FileSink(this.#file.fd, options.digest)
  }

  write(pieces: Uint8Array[]): void {
    this.#guard(() => this.#sink.write(pieces))
  }

  finish(): Passed {
    const { mtime } = this.#options
    if (mtime !== undefined) this.#guard(() => futimesSync(this.#file.fd, toSeconds(mtime), toSeconds(mtime)))
    return this.#sink.finish()
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    const { fd, path: staged } = this.#file
    const { place, key } = this.#target
    const { committing, commits } = this.#site
    let stored: string | undefined
    const over = new Promise<void>((resolve) => {
      commits.add({
        fd,
        folder: place.folder.key,
        openFolder: () => openSync(place.folder.self, constants.O_RDONLY),
        publish: () => {
          stored = this.#publish(staged)
        },
        done: (error) => {
          place.folder.close()
          if (committing.get(key) === over) committing.delete(key)
          resolve()
          done(this.#outcome(error, staged, stored))
        },
      })
    })
    committing.set(key, over)
  }

  discard(): void {
    this.#sink.close()
    this.#site.staging.discard(this.#file)
    this.#target.place.folder.close()
  }

  #outcome(error: unknown, staged: string, stored: string | undefined): CommitOutcome {
    if (stored !== undefined && error === undefined) return { status: 'stored', path: stored }
    if (error instanceof FolderSyncError) return { status: 'failed', error: notDurable(error.cause, stored) }
    removeQuietly(staged)
    if (error instanceof NameTaken) {
      if (this.#options.onExists === 'skip') return { status: 'skipped' }
      return { status: 'failed', error: taken(this.#path) }
    }
    return { status: 'failed', error: toProtocolError(error, this.#path) }
  }

  /** Gives the staged file its name and returns the remote path it got. */
  #publish(staged: string): string {
    const { place, path, location } = this.#target
    const { folder, name } = place
    if (!folder.location().equals(location)) throw movedAway(place, this.#path)
    const target = folder.child(name)
    if (this.#options.onExists === 'rename') {
      const suffix = publishNumbered(staged, target)
      return suffix === '' ? this.#path : path + suffix
    }
    if (this.#options.onExists === 'overwrite') renameSync(staged, target)
    else if (!publishNew(staged, target)) throw new NameTaken()
    return this.#path
  }

  #guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      throw toProtocolError(error, this.#path)
    }
  }
}

function stage(staging: Staging, existing: Stats | undefined, options: UploadOptions): StagedFile {
  // A file that is replaced keeps its permissions, as it would if it were written over. `rename` replaces none.
  const replaced = existing?.isFile() && options.onExists !== 'rename' ? existing : undefined
  const file = staging.create(replaced ? 0o666 : (options.createMode ?? 0o666) & 0o777)
  const mode = options.mode ?? replaced?.mode
  try {
    if (mode !== undefined) fchmodSync(file.fd, mode & 0o777)
    return file
  } catch (error) {
    staging.discard(file)
    throw error
  }
}

/** Nothing may be written to where the folder is now, which may be outside the root. */
function movedAway({ folder }: Place, path: string): ProtocolError {
  if (statSync(folder.self).nlink === 0)
    return new ProtocolError('not-found', 'its folder was removed', { path })
  return new ProtocolError('changed', 'its folder was moved while the file was sent; nothing was stored', {
    path,
  })
}

/** The name was free when the upload began and is not any more. */
class NameTaken extends Error {}

function checkTime(mtime: number | undefined, path: string): void {
  if (mtime === undefined || Math.abs(mtime) <= MAX_TIME) return
  throw new ProtocolError('bad-request', `${mtime} is no time a file can have`, { path })
}

/**
 * Adds half a microsecond, because the system rounds down and would lose the whole millisecond. The result is
 * text, because Node takes a negative number to mean the present.
 */
function toSeconds(milliseconds: number): string {
  return String((milliseconds + 0.0005) / 1000)
}

/** Refuses a large body that can't be stored before it is sent. Small ones find out as they are written. */
function checkRoom(place: Place, size: number | undefined, path: string): void {
  if (size !== undefined && size < CHECK_SIZE) return
  accessSync(place.folder.self, constants.W_OK | constants.X_OK)
  const { bsize, bfree } = statfsSync(place.folder.self)
  if (size === undefined || size <= bsize * bfree) return
  throw new ProtocolError(
    'no-space',
    `the server's disk has no room for ${size} bytes; nothing was changed`,
    { path },
  )
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // The sweep at the next start removes it.
  }
}

function taken(path: string): ProtocolError {
  return new ProtocolError('exists', 'the name is taken', { path })
}

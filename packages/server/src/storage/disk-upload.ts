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
  unlinkSync,
} from 'node:fs'
import { ProtocolError, remoteDirname } from '@jftp/protocol'
import { FileSink, type GroupCommit, type Passed, publishNew } from '@jftp/transfer'
import { toProtocolError } from './disk-error.js'
import type { PathWalk, Place } from './path-walk.js'
import type { StagedFile, Staging } from './staging.js'
import type { CommitOutcome, Upload, UploadOptions } from './storage.js'

/** What the disk storage lends to its uploads. */
export interface UploadSite {
  readonly walk: PathWalk
  readonly staging: Staging
  readonly commits: GroupCommit
}

/** Bodies below this are received without asking first whether there is room for them. */
const CHECK_SIZE = 1024 * 1024

export function openDiskUpload(site: UploadSite, path: string, options: UploadOptions): Upload | 'skipped' {
  const target = findTarget(site.walk, path)
  const { place, existing } = target
  try {
    if (place.name === '.' || existing?.isDirectory())
      throw new ProtocolError('is-a-directory', 'is a folder', { path })
    if (existing !== undefined && options.onExists === 'fail') throw taken(path)
    if (existing !== undefined && options.onExists === 'skip') {
      place.folder.close()
      return 'skipped'
    }
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
  /** The same for two targets only if they are in the same folder. */
  readonly folderKey: string
}

/** As a download does, an upload to a link goes to what it leads to, inside the root only. */
function findTarget(walk: PathWalk, path: string): Target {
  const place = walk.parentOf(path)
  const existing = lookAt(place)
  if (!existing?.isSymbolicLink()) return { place, existing, folderKey: remoteDirname(path) }
  place.folder.close()
  const end = walk.targetOf(path)
  return { place: end, existing: lookAt(end), folderKey: end.folder.self }
}

function lookAt({ folder, name }: Place): Stats | undefined {
  return lstatSync(folder.child(name), { throwIfNoEntry: false })
}

class DiskUpload implements Upload {
  readonly #site: UploadSite
  readonly #path: string
  readonly #place: Place
  readonly #folderKey: string
  readonly #options: UploadOptions
  readonly #file: StagedFile
  readonly #sink: FileSink

  constructor(
    site: UploadSite,
    path: string,
    { place, existing, folderKey }: Target,
    options: UploadOptions,
  ) {
    this.#site = site
    this.#path = path
    this.#place = place
    this.#folderKey = folderKey
    this.#options = options
    // A file that is replaced keeps its permissions, as it would if it were written over. `rename` replaces none.
    const replaced = existing?.isFile() && options.onExists !== 'rename' ? existing : undefined
    this.#file = site.staging.create(replaced ? 0o666 : (options.createMode ?? 0o666) & 0o777)
    this.#sink = new FileSink(this.#file.fd, options.digest)
    const mode = options.mode ?? replaced?.mode
    if (mode !== undefined) fchmodSync(this.#file.fd, mode & 0o777)
  }

  write(pieces: Uint8Array[]): void {
    try {
      this.#sink.write(pieces)
    } catch (error) {
      throw toProtocolError(error, this.#path)
    }
  }

  finish(): Passed {
    return this.#sink.finish()
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    const { fd, path: staged } = this.#file
    let stored = this.#path
    const { mtime } = this.#options
    if (mtime !== undefined) futimesSync(fd, toSeconds(mtime), toSeconds(mtime))
    this.#site.commits.add({
      fd,
      folder: this.#folderKey,
      openFolder: () => openSync(this.#place.folder.self, constants.O_RDONLY),
      publish: () => {
        stored = this.#publish(staged)
      },
      done: (error) => {
        this.#place.folder.close()
        done(this.#outcome(error, staged, stored))
      },
    })
  }

  discard(): void {
    this.#sink.close()
    this.#site.staging.discard(this.#file)
    this.#place.folder.close()
  }

  #outcome(error: unknown, staged: string, stored: string): CommitOutcome {
    if (error === undefined) return { status: 'stored', path: stored }
    removeQuietly(staged)
    if (error instanceof NameTaken) {
      if (this.#options.onExists === 'skip') return { status: 'skipped' }
      return { status: 'failed', error: taken(this.#path) }
    }
    return { status: 'failed', error: toProtocolError(error, this.#path) }
  }

  /** Gives the staged file its name and returns the remote path it got. */
  #publish(staged: string): string {
    const { folder, name } = this.#place
    const target = folder.child(name)
    if (this.#options.onExists === 'overwrite') {
      renameSync(staged, target)
      return this.#path
    }
    if (publishNew(staged, target)) return this.#path
    if (this.#options.onExists !== 'rename') throw new NameTaken()
    renameSync(staged, folder.child(`${name}.new`))
    return `${this.#path}.new`
  }
}

/** The name was free when the upload began and is not any more. */
class NameTaken extends Error {}

/** Milliseconds either side of 1970 that a Date can hold. */
const MAX_TIME = 8.64e15

function checkTime(mtime: number | undefined, path: string): void {
  if (mtime === undefined || Math.abs(mtime) <= MAX_TIME) return
  throw new ProtocolError('bad-request', `${mtime} is no time a file can have`, { path })
}

/**
 * Half a microsecond on top: the system cuts the rest off, which must not take the millisecond with it. As
 * text, because Node takes a number below 0 to mean the present.
 */
function toSeconds(milliseconds: number): string {
  return String((milliseconds + 0.0005) / 1000)
}

/** Refuses what can't succeed before a large body is sent for nothing; small ones find out as they go. */
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
    // The sweep at the next start takes it.
  }
}

function taken(path: string): ProtocolError {
  return new ProtocolError('exists', 'the name is taken', { path })
}

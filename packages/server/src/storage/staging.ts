import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { StagedFile, StagingArea } from '@jftp/transfer'
import { errnoOf } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { RESERVED_NAME } from './path-walk.js'

const PREFIX = 'staging-'

/** How many files this thread has staged. The next one has this number in its name. */
let created = 0

/**
 * Where uploads are written before they get their name: `ROOT/.jftp/staging-PID`, on the root's own file
 * system so that a rename publishes them. Made at the first upload; one storage of one thread uses it.
 */
export class Staging implements StagingArea {
  readonly #root: string
  #folder: Folder | undefined

  constructor(root: string) {
    this.#root = root
  }

  /** `mode`: permission bits, less the umask. */
  create(mode: number): StagedFile {
    try {
      return this.#create(mode)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      // Somebody removed the folder, so that no file can be made in the one that is held open.
      this.close()
      return this.#create(mode)
    }
  }

  /** Moves the file at `path` here and opens it; undefined if there is none. It must be on the same file system. */
  adopt(path: string): StagedFile | undefined {
    const { fd, path: own } = this.create(0o600)
    closeSync(fd)
    try {
      renameSync(path, own)
    } catch (error) {
      unlinkSync(own)
      if (errnoOf(error) === 'ENOENT') return undefined
      throw error
    }
    return { fd: openSync(own, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)), path: own }
  }

  discard({ fd, path }: StagedFile): void {
    closeSync(fd)
    unlinkSync(path)
  }

  close(): void {
    this.#folder?.close()
    this.#folder = undefined
  }

  #create(mode: number): StagedFile {
    this.#folder ??= makeReservedFolder(this.#root, `${PREFIX}${process.pid}`)
    const path = this.#folder.child(`${threadId}-${created++}`)
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants
    return { fd: openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode), path }
  }
}

/** Removes what daemons that have ended left half-written. Call before the first upload. */
export function sweepStaging(root: string): void {
  forEachStaging(root, (path, pid) => {
    if (pid === process.pid || !isAlive(pid)) rmSync(path, { recursive: true, force: true })
  })
}

/** Removes this daemon's own staging folder. Call after the last upload. */
export function removeStaging(root: string): void {
  forEachStaging(root, (path, pid) => {
    if (pid === process.pid) rmSync(path, { recursive: true, force: true })
  })
  try {
    rmdirSync(join(root, RESERVED_NAME))
  } catch {
    // The folder does not exist, or another daemon still has its staging in it.
  }
}

/** Opens one of ftpd's own folders under a root, made if it is missing. The caller closes it. */
export function makeReservedFolder(root: string, name: string): Folder {
  const top = openFolder(root)
  try {
    const reserved = makeFolder(top, RESERVED_NAME)
    try {
      return makeFolder(reserved, name)
    } finally {
      reserved.close()
    }
  } finally {
    top.close()
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
      const pid = Number(name.slice(PREFIX.length))
      if (!name.startsWith(PREFIX) || !Number.isSafeInteger(pid)) continue
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}

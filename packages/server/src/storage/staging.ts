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

/** Files this thread has staged: the number in the name of the next one. */
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

  /** `mode`: permission bits, the umask still to be applied. */
  create(mode: number): StagedFile {
    try {
      return this.#create(mode)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      // Somebody took the folder away: what is held open has no name any more.
      this.close()
      return this.#create(mode)
    }
  }

  /** Takes over the file at `path`, a rename away on the same file system; undefined if it is not there. */
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

/** Removes what daemons that are no more left half-written. Call before the first upload. */
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
    // Not there, or another daemon's staging still is.
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

/** Opening refuses a link, so nobody can have planted one in its place. */
function makeFolder(parent: Folder, name: string): Folder {
  try {
    mkdirSync(parent.child(name), { mode: 0o700 })
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
  return openFolder(parent.child(name))
}

/** Visits all of them, then throws what went wrong first. */
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

import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { type DigestAlgorithm, ProtocolError } from '@jftp/protocol'
import { type FileStart, readStart, type StagedFile, type TransferSummary } from '@jftp/transfer'
import { errnoOf } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { RESERVED_NAME } from './path-walk.js'
import { makeReservedFolder, type Staging } from './staging.js'

const FOLDER = 'partials'

/** A partial that nobody has continued for this long is removed, in milliseconds: 7 days. */
const MAX_AGE = 7 * 24 * 3_600_000

/** A partial that was taken to be continued: it belongs to its upload now. */
export interface TakenPartial {
  readonly staged: StagedFile
  readonly start: FileStart
}

/**
 * What arrived of uploads that were cut, kept in `ROOT/.jftp/partials` until they are continued or too old. A
 * partial belongs to one user and one path. Taking it is a rename, so that no two uploads continue the same one,
 * in whatever thread or daemon they run, and no sweep removes one in use.
 */
export class Partials {
  readonly #root: string
  readonly #staging: Staging

  constructor(root: string, staging: Staging) {
    this.#root = root
    this.#staging = staging
  }

  /** Keeps the hidden file at `staged`, in the place of an earlier one. */
  keep(user: string, path: string, staged: string): void {
    this.#use((folder) => renameSync(staged, folder.child(keyOf(user, path))))
  }

  /** What is kept, and its digest; undefined if nothing is. */
  async summary(user: string, path: string, digest: DigestAlgorithm): Promise<TransferSummary | undefined> {
    const fd = this.#use((folder) => openIfThere(folder.child(keyOf(user, path))))
    if (fd === undefined) return undefined
    try {
      const { size, digester } = await readStart(fd, fstatSync(fd).size, digest)
      return { size, digest: digester.digest() }
    } finally {
      closeSync(fd)
    }
  }

  /** Takes a partial and drops what it holds from `offset` on. Throws `changed` if it holds less. */
  async take(user: string, path: string, offset: number, digest: DigestAlgorithm): Promise<TakenPartial> {
    const staged = this.#use((folder) => this.#staging.adopt(folder.child(keyOf(user, path))))
    if (staged === undefined) throw tooShort(path, 0, offset)
    try {
      const start = await readStart(staged.fd, offset, digest)
      if (start.size < offset) throw tooShort(path, start.size, offset)
      ftruncateSync(staged.fd, offset)
      return { staged, start }
    } catch (error) {
      this.#staging.discard(staged)
      throw error
    }
  }

  #use<T>(act: (folder: Folder) => T): T {
    const folder = makeReservedFolder(this.#root, FOLDER)
    try {
      return act(folder)
    } finally {
      folder.close()
    }
  }
}

/** Removes partials that are too old. One that is being continued is not among them: it has been taken. */
export function sweepPartials(root: string, now = Date.now()): void {
  let folder: Folder
  try {
    folder = openFolder(join(root, RESERVED_NAME, FOLDER))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return
    throw error
  }
  try {
    for (const name of readdirSync(folder.self)) {
      const stat = lstatSync(folder.child(name), { throwIfNoEntry: false })
      if (stat !== undefined && now - stat.mtimeMs > MAX_AGE) unlinkSync(folder.child(name))
    }
  } finally {
    folder.close()
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function keyOf(user: string, path: string): string {
  return createHash('sha256').update(`${user}\0${path}`).digest('hex')
}

function tooShort(path: string, size: number, offset: number): ProtocolError {
  const message = `${size} bytes of an earlier upload are kept here, so it can't be continued from ${offset}`
  return new ProtocolError('changed', message, { path })
}

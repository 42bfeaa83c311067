import { Buffer } from 'node:buffer'
import { type Dir, type Dirent, lstatSync, opendirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import type { TreeName } from './tree-options.js'

/** Names read at once. */
const BUFFER_SIZE = 256

/** What a walk comes across. `below` is the names below the top of the tree, joined by `/`. */
export type FoundLocally =
  | { readonly type: 'file'; readonly local: string; readonly below: string; readonly size: number }
  /** A folder, before what is in it. */
  | { readonly type: 'entered'; readonly below: string; readonly stat: Stats }
  /** The folder that was entered last and not left yet. `empty` if nothing was found in it that makes it. */
  | { readonly type: 'left'; readonly content: 'empty' | 'some' }
  | { readonly type: 'left-out'; readonly local: string; readonly reason: string }
  | { readonly type: 'failed'; readonly error: FtpError }
  /** The walk has gone on and found nothing to tell. */
  | { readonly type: 'nothing' }

interface OpenFolder {
  readonly local: string
  /** What stands before the names in it. */
  readonly prefix: string
  readonly below: string
  readonly dir: Dir
  readonly stat: Stats
  isEmpty: boolean
}

/** Everything in a local folder and below it, depth first. Only the folders on the way down are kept. */
export class LocalWalk {
  readonly #root: string
  readonly #select: ((name: TreeName) => boolean) | undefined
  readonly #open: OpenFolder[] = []
  readonly #stat: Stats

  /** Throws FtpError if the folder can't be read. */
  constructor(top: string, select: ((name: TreeName) => boolean) | undefined) {
    this.#select = select
    try {
      this.#root = realpathSync(top)
      this.#stat = statSync(top)
      this.#enter(top, '', this.#stat)
    } catch (error) {
      throw fromLocalError(error, top)
    }
  }

  *names(): Generator<FoundLocally, void> {
    yield { type: 'entered', below: '', stat: this.#stat }
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      let item: Dirent | null
      try {
        item = folder.dir.readSync()
      } catch (error) {
        item = null
        yield { type: 'failed', error: fromLocalError(error, folder.local) }
      }
      if (item !== null) yield this.#lookAt(folder, nameOf(item))
      else yield this.#leave(folder)
    }
  }

  close(): void {
    for (const { dir } of this.#open.splice(0)) dir.closeSync()
  }

  #enter(local: string, below: string, stat: Stats): void {
    const dir = opendirSync(local, { encoding: 'buffer' as BufferEncoding, bufferSize: BUFFER_SIZE })
    // To join each name anew was measured to take as long as to look at the file.
    const prefix = join(local, 'x').slice(0, -1)
    this.#open.push({ local, prefix, below, dir, stat, isEmpty: true })
  }

  #leave(folder: OpenFolder): FoundLocally {
    this.#open.pop()
    folder.dir.closeSync()
    return { type: 'left', content: folder.isEmpty ? 'empty' : 'some' }
  }

  #lookAt(folder: OpenFolder, raw: Buffer): FoundLocally {
    const name = raw.toString()
    const local = folder.prefix + name
    // Bytes that are not UTF-8 are decoded to this character, which is in few other names.
    if (name.includes('\ufffd') && !Buffer.from(name).equals(raw))
      return { type: 'failed', error: notUtf8(local) }
    const below = folder.below === '' ? name : `${folder.below}/${name}`
    try {
      const own = lstatSync(local, { throwIfNoEntry: false })
      // It was removed after the folder was read.
      if (own === undefined) return { type: 'nothing' }
      const stat = own.isSymbolicLink() ? this.#targetOf(local) : own
      if (stat === undefined) {
        if (this.#select?.({ path: below, type: 'link' }) === false) return { type: 'nothing' }
        return {
          type: 'left-out',
          local,
          reason: 'a link that leads out of the tree, to nothing or in a circle',
        }
      }
      return this.#take(folder, { local, below, stat })
    } catch (error) {
      return { type: 'failed', error: fromLocalError(error, local) }
    }
  }

  #take(
    folder: OpenFolder,
    { local, below, stat }: { local: string; below: string; stat: Stats },
  ): FoundLocally {
    const type = stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other'
    if (this.#select?.({ path: below, type }) === false) return { type: 'nothing' }
    if (type === 'other') return { type: 'left-out', local, reason: 'a named pipe, a socket or a device' }
    folder.isEmpty = false
    if (type === 'file') return { type: 'file', local, below, size: stat.size }
    this.#enter(local, below, stat)
    return { type: 'entered', below, stat }
  }

  /** What a link leads to, if that is in the tree and no folder that is being walked. */
  #targetOf(local: string): Stats | undefined {
    try {
      const real = realpathSync(local)
      if (real !== this.#root && !real.startsWith(this.#root === sep ? sep : this.#root + sep))
        return undefined
      const stat = statSync(real)
      const isCircle = this.#open.some(
        (folder) => folder.stat.dev === stat.dev && folder.stat.ino === stat.ino,
      )
      return stat.isDirectory() && isCircle ? undefined : stat
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return undefined
      throw error
    }
  }
}

function nameOf(item: Dirent): Buffer {
  const name = item.name as string | Buffer
  return typeof name === 'string' ? Buffer.from(name) : name
}

function notUtf8(path: string): FtpError {
  const message = `${path}: the name is not UTF-8, so no server can store it; rename it`
  return new FtpError('local-io', message, { path })
}

import { type Dir, lstatSync, opendirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import type { SortedEntries } from './sorted-entries.js'
import type { ReadOptions } from './sync-side.js'
import { type TreeEntry, unreadableEntry } from './tree-entry.js'

/** A walk lets other work go on after so many milliseconds. */
const TURN_MS = 10

/** A folder on the way to a name, and those before it. Their inodes tell a link that leads in a circle. */
interface Trail {
  readonly stat: Stats
  readonly parent: Trail | undefined
}

interface FolderToRead {
  /** Below the root; empty for the root. */
  readonly path: string
  readonly trail: Trail
}

/** What has a name, after following its link if that is wanted and possible. */
interface Look {
  readonly entry: TreeEntry
  readonly stat: Stats | undefined
}

/** Everything below a local folder. */
export class LocalEntries {
  readonly #root: string
  readonly #options: ReadOptions
  #realRoot = ''

  constructor(root: string, options: ReadOptions) {
    this.#root = root
    this.#options = options
  }

  /** Throws FtpError if the root can't be read. */
  async addTo(entries: SortedEntries): Promise<'found' | 'missing'> {
    const top = this.#lookAtRoot()
    if (top === undefined) return 'missing'
    const folders = [top]
    let turnEnds = performance.now() + TURN_MS
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const look of this.#namesIn(folder)) {
        const { entry, stat } = look
        entries.add(entry)
        if (stat !== undefined && entry.type === 'directory' && entry.selection !== 'excluded') {
          folders.push({ path: entry.path, trail: { stat, parent: folder.trail } })
        }
        if (performance.now() < turnEnds) continue
        await setImmediate()
        if (this.#options.signal?.aborted) throw new FtpError('cancelled', 'cancelled')
        turnEnds = performance.now() + TURN_MS
      }
    }
    return 'found'
  }

  #lookAtRoot(): FolderToRead | undefined {
    try {
      const stat = statSync(this.#root, { throwIfNoEntry: false })
      if (stat === undefined && this.#options.missingRoot === 'is-empty') return undefined
      if (stat !== undefined && !stat.isDirectory()) throw notAFolder(this.#root)
      this.#realRoot = realpathSync(this.#root)
      // This says why, if it can't be read.
      opendirSync(this.#root).closeSync()
      return { path: '', trail: { stat: stat as Stats, parent: undefined } }
    } catch (error) {
      throw fromLocalError(error, this.#root)
    }
  }

  *#namesIn({ path: folder, trail }: FolderToRead): Generator<Look, void> {
    let open: Dir | undefined
    try {
      open = opendirSync(this.#pathOf(folder))
      for (let name = open.readSync()?.name; name !== undefined; name = open.readSync()?.name) {
        const look = this.#look(folder === '' ? name : `${folder}/${name}`, trail)
        if (look !== undefined) yield look
      }
    } catch (cause) {
      const error = fromLocalError(cause, this.#pathOf(folder))
      if (folder === '' || cause instanceof FtpError) throw error
      // A folder that was there a moment ago may have been removed.
      if (error.code !== 'local-not-found') yield this.#unreadable(folder, error)
    } finally {
      open?.closeSync()
    }
  }

  /** Undefined if it has been removed meanwhile. */
  #look(path: string, trail: Trail): Look | undefined {
    const { filter, links } = this.#options
    const whole = this.#pathOf(path)
    let stat: Stats | undefined
    let linkTarget: string | undefined
    try {
      stat = lstatSync(whole, { throwIfNoEntry: false })
      if (stat?.isSymbolicLink()) {
        linkTarget = readlinkSync(whole)
        if (links === 'follow') stat = this.#follow(whole, trail) ?? stat
      }
    } catch (error) {
      return this.#unreadable(path, fromLocalError(error, whole))
    }
    // A name that is not UTF-8 comes with this character in it, and then nothing has the name as it is spelt.
    if (stat === undefined && !path.includes('\ufffd')) return undefined
    const type = stat === undefined ? 'other' : typeOf(stat)
    const { size = 0, mtimeMs = 0 } = stat ?? {}
    const selection = filter.select(path, type)
    const isNameable = stat !== undefined
    const entry = { path, type, size, mtime: Math.floor(mtimeMs), selection, isNameable, linkTarget }
    return { entry, stat }
  }

  /** What a link leads to, if that is in the tree and no folder on the way to the link. */
  #follow(link: string, trail: Trail): Stats | undefined {
    let real: string
    try {
      real = realpathSync(link)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return undefined
      throw error
    }
    const top = this.#realRoot === sep ? sep : this.#realRoot + sep
    if (!real.startsWith(top)) return undefined
    const stat = statSync(real)
    return stat.isDirectory() && isOnTrail(stat, trail) ? undefined : stat
  }

  #unreadable(path: string, error: FtpError): Look {
    this.#options.onUnreadable(error)
    return { entry: unreadableEntry(path), stat: undefined }
  }

  #pathOf(path: string): string {
    return join(this.#root, path)
  }
}

function notAFolder(path: string): FtpError {
  return new FtpError('local-not-a-directory', `${path}: it is a file, and a folder is needed`, { path })
}

function isOnTrail({ dev, ino }: Stats, trail: Trail): boolean {
  for (let folder: Trail | undefined = trail; folder !== undefined; folder = folder.parent) {
    if (folder.stat.dev === dev && folder.stat.ino === ino) return true
  }
  return false
}

function typeOf(stat: Stats): TreeEntry['type'] {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

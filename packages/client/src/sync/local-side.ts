import {
  type Dir,
  lstatSync,
  mkdirSync,
  opendirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { digestOfFile } from './file-digest.js'
import type { SortedEntries } from './sorted-entries.js'
import type { ReadOptions, SyncSide } from './sync-side.js'
import { parentOf, type TreeEntry } from './tree-entry.js'

/** A walk lets other work go on after so many milliseconds. */
const TURN_MS = 10

/** A tree in the local file system. No link in it is followed. */
export class LocalSide implements SyncSide {
  readonly name = 'local'
  readonly #root: string

  constructor(root: string) {
    this.#root = resolve(root)
  }

  pathOf(path: string): string {
    return path === '' ? this.#root : join(this.#root, ...path.split('/'))
  }

  async read(entries: SortedEntries, options: ReadOptions): Promise<'found' | 'missing'> {
    const { signal, missingRoot, onUnreadable } = options
    const folders = ['']
    let turnEnds = performance.now() + TURN_MS
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const open = this.#open(folder, missingRoot, onUnreadable)
      if (open === 'missing' && folder === '') return 'missing'
      if (typeof open === 'string') {
        if (open === 'unreadable') entries.add(unreadable(folder))
        continue
      }
      try {
        for (let name = open.readSync()?.name; name !== undefined; name = open.readSync()?.name) {
          const entry = this.#look(folder === '' ? name : `${folder}/${name}`, options)
          if (entry !== undefined) entries.add(entry)
          if (entry?.type === 'directory' && entry.selection !== 'excluded') folders.push(entry.path)
          if (performance.now() < turnEnds) continue
          await setImmediate()
          if (signal?.aborted) throw new FtpError('cancelled', 'cancelled')
          turnEnds = performance.now() + TURN_MS
        }
      } catch (error) {
        if (error instanceof FtpError) throw error
        entries.add(unreadable(folder))
        onUnreadable(fromLocalError(error, this.pathOf(folder)))
      } finally {
        open.closeSync()
      }
    }
    return 'found'
  }

  async makeRoot(): Promise<void> {
    try {
      mkdirSync(this.#root, { recursive: true })
    } catch (error) {
      throw fromLocalError(error, this.#root)
    }
  }

  async makeFolder(path: string): Promise<void> {
    const whole = this.pathOf(path)
    try {
      this.#requireInside(path)
      mkdirSync(whole)
    } catch (error) {
      const exists = (error as NodeJS.ErrnoException).code === 'EEXIST'
      if (!exists || !lstatSync(whole).isDirectory()) throw fromLocalError(error, whole)
    }
  }

  async remove({ path, type }: TreeEntry): Promise<void> {
    const whole = this.pathOf(path)
    try {
      this.#requireInside(path)
      if (type === 'directory') rmdirSync(whole)
      else unlinkSync(whole)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return
      if (code !== 'ENOTEMPTY') throw fromLocalError(error, whole)
      throw new FtpError('local-exists', `${whole}: the folder is not empty`, { path: whole, cause: error })
    }
  }

  async digests(
    paths: readonly string[],
    alg: Exclude<DigestAlgorithm, 'none'>,
  ): Promise<(Digest | FtpError)[]> {
    const digests: (Digest | FtpError)[] = []
    for (const path of paths) {
      const whole = this.pathOf(path)
      digests.push(await digestOfFile(whole, alg).catch((error: unknown) => fromLocalError(error, whole)))
    }
    return digests
  }

  #open(
    folder: string,
    missingRoot: ReadOptions['missingRoot'],
    onUnreadable: ReadOptions['onUnreadable'],
  ): Dir | 'missing' | 'unreadable' {
    const path = this.pathOf(folder)
    try {
      return opendirSync(path)
    } catch (cause) {
      const error = fromLocalError(cause, path)
      const isMissing = error.code === 'local-not-found'
      if (folder === '' && !(isMissing && missingRoot === 'is-empty')) throw error
      // A folder that was there a moment ago may have been removed.
      if (isMissing) return 'missing'
      onUnreadable(error)
      return 'unreadable'
    }
  }

  /** Undefined if it has been removed meanwhile. */
  #look(path: string, { filter, onUnreadable }: ReadOptions): TreeEntry | undefined {
    let stat: Stats | undefined
    try {
      stat = lstatSync(this.pathOf(path), { throwIfNoEntry: false })
    } catch (error) {
      onUnreadable(fromLocalError(error, this.pathOf(path)))
      return unreadable(path)
    }
    // A name that is not UTF-8 comes with this character in it, and then nothing has the name as it is spelt.
    if (stat === undefined && !path.includes('\ufffd')) return undefined
    const type = stat === undefined ? 'other' : typeOf(stat)
    return {
      path,
      type,
      size: stat?.size ?? 0,
      mtime: Math.floor(stat?.mtimeMs ?? 0),
      selection: filter.select(path, type),
      isNameable: stat !== undefined,
      ...(type === 'link' ? { linkTarget: this.#linkTarget(path) } : {}),
    }
  }

  /** Undefined if the link can't be read, or is gone. */
  #linkTarget(path: string): string | undefined {
    try {
      return readlinkSync(this.pathOf(path))
    } catch {
      return undefined
    }
  }

  /** Throws if a folder on the way to `path` has been replaced by a link. */
  #requireInside(path: string): void {
    const folder = dirname(this.pathOf(path))
    const real = realpathSync(folder)
    const parent = parentOf(path)
    const expected = realpathSync(this.#root) + (parent === '' ? '' : sep + parent.split('/').join(sep))
    if (real === expected) return
    throw new FtpError('changed', `${folder}: it leads elsewhere now; run it again`, { path: folder })
  }
}

function unreadable(path: string): TreeEntry {
  return { path, type: 'unreadable', size: 0, mtime: 0, selection: 'included', isNameable: true }
}

function typeOf(stat: Stats): TreeEntry['type'] {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

import { lstatSync, mkdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs'
import {
  type DigestAlgorithm,
  type Entry,
  ProtocolError,
  remoteBasename,
  splitRemotePath,
} from '@jftp/protocol'
import { GroupCommit, publishNew } from '@jftp/transfer'
import { openDiskDownload } from './disk-download.js'
import { readEntries, toEntry } from './disk-entry.js'
import { toProtocolError } from './disk-error.js'
import { openDiskUpload } from './disk-upload.js'
import { openFolder, syncFolder } from './folder.js'
import { PathWalk, type Place } from './path-walk.js'
import { Staging } from './staging.js'
import type { Download, Listing, Storage, Upload, UploadOptions } from './storage.js'

/**
 * A folder of this machine as the root. Everything is synchronous: in a worker thread that was measured
 * several times faster for many small files than the same calls through the thread pool.
 */
export class DiskStorage implements Storage {
  readonly #walk: PathWalk
  readonly #staging: Staging
  readonly #commits = new GroupCommit()

  /** `root`: the real path (no links in it) of an existing folder. */
  constructor(root: string) {
    this.#walk = new PathWalk(root)
    this.#staging = new Staging(root)
  }

  stat(path: string): Entry {
    return this.#at(path, 'name', ({ folder, name }) => {
      const child = folder.child(name)
      return toEntry(remoteBasename(path), lstatSync(child), child)
    })
  }

  list(path: string): Listing {
    return this.#at(path, 'target', ({ folder, name, atTop }) => {
      const child = folder.child(name)
      const stat = lstatSync(child)
      if (!stat.isDirectory()) {
        const entry = toEntry(remoteBasename(path), stat, child)
        return { type: entry.type, pages: [[entry]], close() {} }
      }
      const listed = openFolder(child)
      const pages = guardedPages(path, readEntries(listed, atTop && name === '.' ? 'top' : 'below'))
      const close = () => {
        // Where nobody read to the end, the folder is still open for reading too.
        pages.return()
        listed.close()
      }
      return { type: 'directory', pages, close }
    })
  }

  checkFolder(path: string): void {
    this.#at(path, 'target', ({ folder, name }) => {
      if (!lstatSync(folder.child(name)).isDirectory())
        throw new ProtocolError('not-a-directory', 'not a folder', { path })
    })
  }

  openDownload(path: string, digest: DigestAlgorithm): Download {
    return guarded(path, () => openDiskDownload(this.#walk, path, digest))
  }

  openUpload(path: string, options: UploadOptions): Upload | 'skipped' {
    const site = { walk: this.#walk, staging: this.#staging, commits: this.#commits }
    return guarded(path, () => openDiskUpload(site, path, options))
  }

  makeFolder(path: string, mode: 'one' | 'make-parents'): void {
    if (mode === 'one') return this.#make(path)
    let made = ''
    for (const name of splitRemotePath(path)) {
      made += `/${name}`
      try {
        this.#make(made)
      } catch (error) {
        if (!(error instanceof ProtocolError && error.code === 'exists')) throw error
        this.checkFolder(made)
      }
    }
  }

  removeFolder(path: string): void {
    this.#at(path, 'name', ({ folder, name }) => rmdirSync(folder.child(notRoot(name, path))))
  }

  removeFile(path: string): void {
    this.#at(path, 'name', ({ folder, name }) => {
      const child = folder.child(notRoot(name, path))
      // On some systems unlink of a folder says EPERM, which would hide what is wrong.
      if (lstatSync(child).isDirectory()) throw new ProtocolError('is-a-directory', 'is a folder', { path })
      unlinkSync(child)
    })
  }

  rename(from: string, to: string, onExists: 'overwrite' | 'fail'): void {
    this.#at(from, 'name', (source) => {
      const oldPath = source.folder.child(notRoot(source.name, from))
      const stat = lstatSync(oldPath)
      this.#at(to, 'name', (target) => {
        const newPath = target.folder.child(notRoot(target.name, to))
        if (onExists === 'overwrite') return renameSync(oldPath, newPath)
        const moved = stat.isDirectory() ? moveFolder(oldPath, newPath) : publishNew(oldPath, newPath)
        if (!moved) throw new ProtocolError('exists', 'the name is taken', { path: to })
      })
    })
  }

  close(): void {
    this.#walk.close()
    this.#staging.close()
  }

  #make(path: string): void {
    this.#at(path, 'name', ({ folder, name }) => {
      if (name === '.') throw new ProtocolError('exists', 'the name is taken', { path })
      mkdirSync(folder.child(name))
      // A file is no more durable than the folders above it.
      syncFolder(folder)
    })
  }

  /** Finds the place of `path`, or of what it leads to if it is a link, and closes it after `use`. */
  #at<T>(path: string, which: 'name' | 'target', use: (place: Place) => T): T {
    return guarded(path, () => {
      const place = which === 'name' ? this.#walk.parentOf(path) : this.#walk.targetOf(path)
      try {
        return use(place)
      } finally {
        place.folder.close()
      }
    })
  }
}

function* guardedPages(path: string, pages: Iterable<Entry[]>): Generator<Entry[], void> {
  try {
    yield* pages
  } catch (error) {
    throw toProtocolError(error, path)
  }
}

function moveFolder(from: string, to: string): boolean {
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return false
  renameSync(from, to)
  return true
}

function notRoot(name: string, path: string): string {
  if (name === '.') throw new ProtocolError('bad-request', 'that is the root itself', { path })
  return name
}

function guarded<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw toProtocolError(error, path)
  }
}

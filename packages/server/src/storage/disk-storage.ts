import { lstatSync, mkdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { type DigestAlgorithm, type Entry, ProtocolError, remoteBasename } from '@jftp/protocol'
import { openDiskDownload } from './disk-download.js'
import { readEntries, toEntry } from './disk-entry.js'
import { taken, toProtocolError } from './disk-error.js'
import { moveOnDisk } from './disk-move.js'
import { DiskUploads } from './disk-uploads.js'
import { openFolder, syncFolder } from './folder.js'
import { makeFolders } from './make-folders.js'
import { PathWalk, type Place } from './path-walk.js'
import { Staging } from './staging.js'
import type { Download, Listing, Storage, UploadOptions } from './storage.js'

/**
 * A folder of this machine as the root. Everything but syncing is synchronous: in a worker thread that was
 * measured several times faster for many small files than the same calls through the thread pool.
 */
export class DiskStorage implements Storage {
  readonly #walk: PathWalk
  readonly #staging: Staging
  readonly #uploads: DiskUploads

  /** `root`: the real path (no links in it) of an existing folder. */
  constructor(root: string) {
    this.#walk = new PathWalk(root)
    this.#staging = new Staging(root)
    this.#uploads = new DiskUploads(this.#walk, this.#staging)
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
        // If nobody read to the end, the folder is still open for reading too.
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

  openUpload(path: string, options: UploadOptions): ReturnType<DiskUploads['open']> {
    return this.#uploads.open(path, options)
  }

  async makeFolder(path: string, mode: 'one' | 'make-parents'): Promise<void> {
    if (mode === 'make-parents') return makeFolders(this.#walk, path)
    await this.#change(path, ({ folder, name }) => {
      if (name === '.') throw taken(path)
      mkdirSync(folder.child(name))
    })
  }

  async removeFolder(path: string): Promise<void> {
    await this.#change(path, ({ folder, name }) => rmdirSync(folder.child(notRoot(name, path))))
  }

  async removeFile(path: string): Promise<void> {
    await this.#change(path, ({ folder, name }) => {
      const child = folder.child(notRoot(name, path))
      // On some systems unlink of a folder says EPERM, which would hide what is wrong.
      if (lstatSync(child).isDirectory()) throw new ProtocolError('is-a-directory', 'is a folder', { path })
      unlinkSync(child)
    })
  }

  async rename(from: string, to: string, onExists: 'overwrite' | 'fail'): Promise<void> {
    await this.#change(from, async (source) => {
      notRoot(source.name, from)
      // A name that is not there is the more helpful error, and the target is looked at in turn.
      lstatSync(source.folder.child(source.name))
      await this.#change(to, (target) => {
        notRoot(target.name, to)
        if (!moveOnDisk(source, target, onExists, to)) throw taken(to)
      })
    })
  }

  close(): void {
    this.#walk.close()
    this.#staging.close()
  }

  /** Changes what `path` names and makes that durable: the folder is synced after. */
  async #change(path: string, change: (place: Place) => void | Promise<void>): Promise<void> {
    let place: Place | undefined
    try {
      place = this.#walk.parentOf(path)
      await change(place)
      await syncFolder(place.folder)
    } catch (error) {
      throw toProtocolError(error, path)
    } finally {
      place?.folder.close()
    }
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

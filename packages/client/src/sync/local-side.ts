import { closeSync, lstatSync, mkdirSync, openSync, realpathSync, rmdirSync, unlinkSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import { setFileTime } from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { digestOfFile } from './file-digest.js'
import { LocalEntries } from './local-entries.js'
import type { SortedEntries } from './sorted-entries.js'
import type { ReadOptions, SyncSide } from './sync-side.js'
import { parentOf, type TreeEntry } from './tree-entry.js'

/** A tree in the local file system. */
export class LocalSide implements SyncSide {
  readonly name = 'local'
  readonly #root: string

  constructor(root: string) {
    this.#root = resolve(root)
  }

  pathOf(path: string): string {
    return join(this.#root, path)
  }

  read(entries: SortedEntries, options: ReadOptions): Promise<'found' | 'missing'> {
    return new LocalEntries(this.#root, options).addTo(entries)
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

  async setTime(path: string, mtime: number): Promise<void> {
    const whole = this.pathOf(path)
    try {
      const fd = openSync(whole, 'r')
      try {
        setFileTime(fd, mtime)
      } finally {
        closeSync(fd)
      }
    } catch (error) {
      throw fromLocalError(error, whole)
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

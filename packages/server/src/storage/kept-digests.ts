import { join } from 'node:path'
import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import { DigestTable, type FileVersion } from './digest-table.js'
import { errnoOf } from './disk-error.js'
import { openFolder } from './folder.js'
import { RESERVED_NAME } from './path-walk.js'
import { makeReservedFolder } from './reserved-folder.js'

const FOLDER = 'digests'

/** In bytes. To digest a smaller file takes less time than to look its digest up and to keep it. */
export const MIN_KEPT_SIZE = 64 * 1024

/**
 * A digest is kept only if the file was last changed this long before it was read, in nanoseconds: 60 s. If the file is
 * younger, it may change again and still have the same times. One reason is that file systems round times, by up to 2 s
 * (FAT). The other is memory mapping: a write to a mapped page updates the times only if it is the first one since the
 * page was written to the disk, which Linux does within 35 s.
 */
const MIN_AGE = 60_000_000_000n

/** How long the table is not used after an error, in milliseconds. */
const PAUSE = 60_000

/**
 * The digests of files under one root, kept in `ROOT/.jftp/digests` as long as the files do not change. The folder
 * may be removed at any time. If the table can't be used, `onTrouble` learns why, once, and files are digested as if
 * nothing were kept.
 */
export class KeptDigests {
  readonly #root: string
  readonly #onTrouble: (reason: string) => void
  #table: DigestTable | undefined
  /** A `performance.now()`. */
  #pausedUntil = 0
  #hasTold = false

  /** `root`: the real path of the folder that is served. */
  constructor(root: string, onTrouble: (reason: string) => void) {
    this.#root = root
    this.#onTrouble = onTrouble
  }

  /** The digest of this very version of a file, if it is kept. */
  find(version: FileVersion, alg: DigestAlgorithm): Digest | undefined {
    if (alg === 'none' || version.size < MIN_KEPT_SIZE) return undefined
    const hex = this.#use('fail', (table) => table.find(version, alg))
    return hex === undefined ? undefined : { alg, hex }
  }

  /** Keeps the digest of a file that was read from its beginning to its end. `began`: a `Date.now()`. */
  keepRead(before: FileVersion, after: FileVersion, began: number, digest: Digest | undefined): void {
    if (!isSame(before, after) || before.ctimeNs !== after.ctimeNs) return
    if (before.ctimeNs + MIN_AGE > BigInt(began) * 1_000_000n) return
    this.#keep(after, digest)
  }

  /**
   * Keeps the digest of an upload that was given its name. `hidden`: the file just before that, with its mtime set
   * explicitly. Renaming the file updates its ctime. A later write within the same clock tick keeps that ctime but makes
   * mtime equal to it.
   */
  keepUpload(hidden: FileVersion, published: FileVersion, digest: Digest | undefined): void {
    if (!isSame(hidden, published) || published.mtimeNs === published.ctimeNs) return
    this.#keep(published, digest)
  }

  close(): void {
    this.#table?.close()
    this.#table = undefined
  }

  #keep(version: FileVersion, digest: Digest | undefined): void {
    if (digest === undefined || version.size < MIN_KEPT_SIZE) return
    this.#use('make', (table) => {
      if (!table.isRemoved) return table.put(version, digest)
      this.close()
      this.#use('make', (fresh) => fresh.put(version, digest))
    })
  }

  #use<T>(ifMissing: 'make' | 'fail', act: (table: DigestTable) => T): T | undefined {
    if (performance.now() < this.#pausedUntil) return undefined
    try {
      this.#table ??= this.#open(ifMissing)
      return act(this.#table)
    } catch (error) {
      if (ifMissing === 'fail' && errnoOf(error) === 'ENOENT') return undefined
      this.#pausedUntil = performance.now() + PAUSE
      if (!this.#hasTold) this.#onTrouble(String(error))
      this.#hasTold = true
      this.close()
      return undefined
    }
  }

  #open(ifMissing: 'make' | 'fail'): DigestTable {
    const folder =
      ifMissing === 'make'
        ? makeReservedFolder(this.#root, FOLDER)
        : openFolder(join(this.#root, RESERVED_NAME, FOLDER))
    try {
      return new DigestTable(folder, ifMissing)
    } finally {
      folder.close()
    }
  }
}

/** Whether it is the same file with the same content, as far as size and mtime tell. */
function isSame(one: FileVersion, other: FileVersion): boolean {
  return (
    one.ino === other.ino && one.dev === other.dev && one.size === other.size && one.mtimeNs === other.mtimeNs
  )
}

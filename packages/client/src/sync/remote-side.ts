import { type Digest, type DigestAlgorithm, joinRemotePath } from '@jftp/protocol'
import type { FtpClient } from '../client.js'
import { FtpError } from '../errors/ftp-error.js'
import type { SortedEntries } from './sorted-entries.js'
import type { ReadOptions, SyncSide } from './sync-side.js'
import { isBelow, type TreeEntry, unreadableEntry } from './tree-entry.js'

/** A tree on the server. */
export class RemoteSide implements SyncSide {
  readonly name = 'remote'
  readonly #client: FtpClient
  /** Absolute and normal. */
  readonly #root: string
  readonly #signal: AbortSignal | undefined

  constructor(client: FtpClient, root: string, signal: AbortSignal | undefined) {
    this.#client = client
    this.#root = root
    this.#signal = signal
  }

  pathOf(path: string): string {
    return path === '' ? this.#root : joinRemotePath(this.#root, path)
  }

  async read(entries: SortedEntries, options: ReadOptions): Promise<'found' | 'missing'> {
    const { filter, missingRoot, onUnreadable, links, signal } = options
    const start = this.#root === '/' ? 1 : this.#root.length + 1
    /** The folder whose names are left out at the moment. */
    let skipped: string | undefined
    try {
      for await (const found of this.#client.find(this.#root, { links, signal })) {
        const path = found.path.slice(start)
        if (skipped !== undefined && isBelow(path, skipped)) continue
        if (found.type === 'unreadable') {
          if (path === '') throw found.error
          entries.add(unreadableEntry(path))
          onUnreadable(found.error)
          continue
        }
        if (path === '') throw notAFolder(this.#root)
        const { type, size, mtime, rawName, target } = found
        const selection = filter.select(path, type)
        if (selection === 'excluded') skipped = path
        entries.add({
          path,
          type,
          size,
          mtime,
          selection,
          isNameable: rawName === undefined,
          linkTarget: target,
        })
      }
      return 'found'
    } catch (error) {
      const isMissing = error instanceof FtpError && error.code === 'not-found'
      if (!isMissing || missingRoot === 'fails') throw error
      return 'missing'
    }
  }

  async makeRoot(): Promise<void> {
    if (this.#root !== '/') await this.#client.mkdir(this.#root, { parents: true, signal: this.#signal })
  }

  /** It is no error if the folder has been made meanwhile. */
  async makeFolder(path: string): Promise<void> {
    await this.#client.mkdir(this.pathOf(path), { parents: true, signal: this.#signal })
  }

  async setTime(path: string, mtime: number): Promise<void> {
    await this.#client.touch(this.pathOf(path), { mtime, create: false, signal: this.#signal })
  }

  async remove({ path, type }: TreeEntry): Promise<void> {
    const call = type === 'directory' ? 'rmdir' : 'rm'
    try {
      await this.#client[call](this.pathOf(path), { signal: this.#signal })
    } catch (error) {
      if (!(error instanceof FtpError && error.code === 'not-found')) throw error
    }
  }

  async digests(
    paths: readonly string[],
    alg: Exclude<DigestAlgorithm, 'none'>,
  ): Promise<(Digest | FtpError)[]> {
    const digests: (Digest | FtpError)[] = []
    const files = paths.map((path) => this.pathOf(path))
    for await (const file of this.#client.hash(files, { digest: alg, signal: this.#signal })) {
      digests.push(file.type === 'digest' ? file.digest : file.error)
    }
    return digests
  }
}

function notAFolder(path: string): FtpError {
  return new FtpError('not-a-directory', `${path}: it is a file, and a folder is needed`, { path })
}

import {
  type Digest,
  type DigestAlgorithm,
  type Entry,
  ProtocolError,
  remoteBasename,
  splitRemotePath,
} from '@jftp/protocol'
import type {
  Awaitable,
  CopyOutcome,
  Download,
  DownloadOptions,
  Listing,
  Pause,
  Space,
  Storage,
  Upload,
  UsageOptions,
  UsageReport,
} from './storage.js'

/** One file or folder that is shared under its own name. */
export interface SharedName {
  /** The real path of the folder that holds it. */
  readonly folder: string
  readonly name: string
}

/**
 * A few files and folders side by side under `/`, to read only. Each has a storage of its own with the same paths, which
 * has to allow that one name and nothing else.
 */
export class SharedStorage implements Storage {
  readonly capabilities = { permissionBits: process.platform !== 'win32', modificationTimes: true }
  readonly #names: ReadonlyMap<string, Storage>
  readonly #since = Date.now()

  constructor(names: ReadonlyMap<string, Storage>) {
    this.#names = names
  }

  stat(path: string, links: 'report' | 'follow' = 'report'): Awaitable<Entry> {
    if (path !== '/') return this.#of(path).stat(path, links)
    return { name: remoteBasename(path), type: 'directory', size: 0, mtime: this.#since, mode: 0o755 }
  }

  list(path: string): Awaitable<Listing> {
    if (path !== '/') return this.#of(path).list(path)
    return { type: 'directory', key: 'shared', pages: this.#top(), close() {} }
  }

  checkFolder(path: string): Awaitable<void> {
    if (path !== '/') return this.#of(path).checkFolder(path)
  }

  openDownload(path: string, options: DownloadOptions): Awaitable<Download> {
    return this.#of(path).openDownload(path, options)
  }

  digest(path: string, algorithm: DigestAlgorithm, pause: Pause): Awaitable<Digest | undefined> {
    return this.#of(path).digest(path, algorithm, pause)
  }

  usage(path: string, options: UsageOptions): Awaitable<UsageReport> {
    if (path !== '/') return this.#of(path).usage(path, options)
    throw new ProtocolError('unsupported', 'what is shared is not added up; name one of its folders', {
      path,
    })
  }

  space(path: string): Awaitable<Space> {
    if (path !== '/') return this.#of(path).space(path)
    throw new ProtocolError('unsupported', 'what is shared may lie on several disks; name one of its files', {
      path,
    })
  }

  openUpload(path: string): Upload {
    throw readOnly(path)
  }

  copy(_from: string, to: string): CopyOutcome {
    throw readOnly(to)
  }

  changeMode(path: string): void {
    throw readOnly(path)
  }

  touch(path: string): void {
    throw readOnly(path)
  }

  makeFolder(path: string): void {
    throw readOnly(path)
  }

  removeFolder(path: string): void {
    throw readOnly(path)
  }

  removeFile(path: string): void {
    throw readOnly(path)
  }

  rename(from: string): void {
    throw readOnly(from)
  }

  /** The storage that has the path, with the same paths as this one. */
  #of(path: string): Storage {
    const [first = ''] = splitRemotePath(path)
    const storage = this.#names.get(first)
    if (storage !== undefined) return storage
    if (path === '/') throw new ProtocolError('is-a-directory', 'is a folder', { path })
    throw new ProtocolError('not-found', 'it is not among what is shared', { path })
  }

  /** What was removed since the start is left out. */
  async *#top(): AsyncGenerator<Entry[], void> {
    const entries: Entry[] = []
    for (const [name, storage] of this.#names) {
      try {
        entries.push(await storage.stat(`/${name}`))
      } catch (error) {
        if (!(error instanceof ProtocolError) || error.code !== 'not-found') throw error
      }
    }
    if (entries.length > 0) yield entries
  }
}

function readOnly(path: string): ProtocolError {
  return new ProtocolError('permission-denied', 'what is shared can only be read', { path })
}

import {
  createDigester,
  type DigestAlgorithm,
  type Digester,
  type Entry,
  ProtocolError,
  prepareDigest,
  remoteBasename,
  remoteDirname,
  splitRemotePath,
  type Usage,
} from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import { requireVersion } from '../src/storage/file-version.js'
import { copyByReading, digestByReading } from '../src/storage/read-through.js'
import type {
  CommitOutcome,
  CopyOptions,
  Download,
  DownloadOptions,
  FileVersion,
  Listing,
  Pause,
  Space,
  Storage,
  TouchOptions,
  Upload,
  UploadOptions,
  UsageOptions,
  UsageReport,
} from '../src/storage/storage.js'
import type { Permissions } from '../src/visitors/permissions.js'

interface StoredFile {
  readonly type: 'file'
  readonly bytes: Buffer
  readonly mtime: number
}

type Stored = StoredFile | { readonly type: 'directory'; readonly mtime: number }

/** All files and folders by their paths, and what is kept of uploads by user and path. */
export interface StoredFiles {
  readonly files: Map<string, Stored>
  readonly partials: Map<string, Buffer>
}

export function noFiles(): StoredFiles {
  return { files: new Map([['/', { type: 'directory', mtime: 0 }]]), partials: new Map() }
}

/** A storage without a disk, without permission bits and without links: what is left is what every storage has. */
export class MemoryStorage implements Storage {
  readonly capabilities = { permissionBits: false, modificationTimes: true }
  readonly #permissions: Permissions
  readonly #stored: StoredFiles

  /** Storages over the same files are those of several visitors. */
  constructor(permissions: Permissions, stored: StoredFiles) {
    this.#permissions = permissions
    this.#stored = stored
  }

  async stat(path: string): Promise<Entry> {
    this.#permissions.check('list', path)
    return toEntry(path, this.#find(path))
  }

  async list(path: string): Promise<Listing> {
    this.#permissions.check('list', path)
    const found = this.#find(path)
    const paths = found.type === 'file' ? [path] : this.#childrenOf(path)
    const pages = [paths.map((each) => toEntry(each, this.#find(each)))]
    return { type: found.type, key: path, pages, close() {} }
  }

  async checkFolder(path: string): Promise<void> {
    this.#permissions.check('list', path)
    this.#folder(path)
  }

  async openDownload(path: string, options: DownloadOptions): Promise<Download> {
    this.#permissions.check('read', path)
    const file = this.#file(path)
    const { offset = 0, length, digest, resume } = options
    if (resume !== undefined) {
      const { bytes } = file
      const begin = bytes.subarray(0, resume.offset)
      const isSameVersion =
        (resume.size ?? bytes.length) === bytes.length && (resume.mtime ?? file.mtime) === file.mtime
      const isSame = isSameVersion && digestOf(resume.digest.alg, begin)?.hex === resume.digest.hex
      return new MemoryDownload(toEntry(path, file), bytes, isSame ? resume.offset : 0, digest, 'whole')
    }
    if (offset > file.bytes.length) throw new ProtocolError('bad-request', 'the file is shorter', { path })
    const end = offset + (length ?? file.bytes.length)
    return new MemoryDownload(toEntry(path, file), file.bytes.subarray(0, end), offset, digest, 'part')
  }

  async openUpload(path: string, options: UploadOptions): Promise<Upload | 'skipped'> {
    this.#requirePut(path, options)
    if (this.#stored.files.get(path)?.type === 'directory') throw wrongType('is-a-directory', path)
    this.#folder(remoteDirname(path))
    if (this.#stored.files.has(path) && options.onExists === 'fail') throw taken(path)
    if (this.#stored.files.has(path) && options.onExists === 'skip') return 'skipped'
    const kept = this.#kept(path, options)
    const start = this.#stored.partials.get(kept)
    this.#stored.partials.delete(kept)
    return new MemoryUpload(options.digest, options.resume ? start : undefined, {
      store: (bytes) => this.#store(path, bytes, options),
      keep: (bytes) => this.#stored.partials.set(kept, bytes),
    })
  }

  async digest(path: string, algorithm: DigestAlgorithm, pause: Pause) {
    await prepareDigest(algorithm)
    return digestByReading(await this.openDownload(path, { digest: algorithm }), pause)
  }

  copy(from: string, to: string, options: CopyOptions) {
    return copyByReading(this, from, to, options)
  }

  usage(path: string, options: UsageOptions): UsageReport {
    this.#permissions.check('list', path)
    this.#find(path)
    return { pages: this.#usage(path, options), close() {} }
  }

  async *#usage(top: string, { depth = 1000, pause }: UsageOptions): AsyncGenerator<Usage[]> {
    const below = (path: string) => (each: string) =>
      each === path || each.startsWith(`${path}/`.replace('//', '/'))
    const all = [...this.#stored.files.keys()].filter(below(top))
    const levels = (path: string) => splitRemotePath(path).length - splitRemotePath(top).length
    const told = all.filter((each) => each === top || this.#stored.files.get(each)?.type === 'directory')
    for (const path of told
      .filter((each) => levels(each) <= depth)
      .toSorted((a, b) => levels(b) - levels(a))) {
      await pause()
      const held = all.filter(below(path)).map((each) => toEntry(each, this.#find(each)).size)
      const size = held.reduce((sum, each) => sum + each, 0)
      yield [{ type: 'total', path, size, allocated: size, names: held.length }]
    }
  }

  space(path: string): Space {
    this.#permissions.check('list', path)
    this.#find(path)
    return { total: 1000, free: 500, available: 500 }
  }

  changeMode(path: string): never {
    this.#permissions.check('overwrite', path)
    this.#find(path)
    throw new ProtocolError('unsupported', 'no permission bits here', { path })
  }

  async touch(path: string, { mtime = Date.now(), create }: TouchOptions): Promise<void> {
    checkNotRoot(path)
    const found = this.#stored.files.get(path)
    if (found !== undefined) {
      this.#permissions.check('overwrite', path)
      this.#stored.files.set(path, { ...found, mtime })
    } else if (create) {
      this.#permissions.check('write', path)
      this.#folder(remoteDirname(path))
      this.#stored.files.set(path, { type: 'file', bytes: Buffer.alloc(0), mtime })
    } else {
      this.#find(path)
    }
  }

  async makeFolder(path: string, mode: 'one' | 'make-parents'): Promise<void> {
    const existing = this.#stored.files.get(path)
    if (mode === 'make-parents') {
      if (existing?.type === 'directory') return
      if (path !== '/') await this.makeFolder(remoteDirname(path), 'make-parents')
    }
    if (existing?.type === 'file' && mode === 'make-parents') throw wrongType('not-a-directory', path)
    if (existing !== undefined) throw taken(path)
    this.#folder(remoteDirname(path))
    this.#permissions.check('write', path)
    this.#stored.files.set(path, { type: 'directory', mtime: Date.now() })
  }

  async removeFolder(path: string): Promise<void> {
    checkNotRoot(path)
    this.#permissions.check('delete', path)
    this.#folder(path)
    if (this.#childrenOf(path).length > 0) throw new ProtocolError('not-empty', 'not empty', { path })
    this.#stored.files.delete(path)
  }

  async removeFile(path: string, version: FileVersion = {}): Promise<void> {
    checkNotRoot(path)
    this.#permissions.check('delete', path)
    const file = this.#file(path)
    requireVersion(() => toEntry(path, file), version, path)
    this.#stored.files.delete(path)
  }

  async rename(from: string, to: string, onExists: 'overwrite' | 'fail'): Promise<void> {
    checkNotRoot(from)
    checkNotRoot(to)
    this.#permissions.checkBelow('delete', from)
    this.#find(from)
    this.#permissions.checkBelow('write', to)
    this.#folder(remoteDirname(to))
    if (this.#stored.files.has(to)) {
      if (onExists === 'fail') throw taken(to)
      this.#permissions.check('overwrite', to)
    }
    for (const [path, stored] of [...this.#stored.files]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue
      this.#stored.files.delete(path)
      this.#stored.files.set(to + path.slice(from.length), stored)
    }
  }

  #kept(path: string, { size, sourceTime }: UploadOptions): string {
    return [this.#permissions.user, path, size, sourceTime].join('\0')
  }

  #requirePut(path: string, { onExists }: UploadOptions): void {
    const overwrites = this.#stored.files.has(path) && onExists === 'overwrite'
    this.#permissions.check(overwrites ? 'overwrite' : 'write', path)
  }

  #store(path: string, bytes: Buffer, { onExists, mtime = Date.now() }: UploadOptions): CommitOutcome {
    let name = path
    if (this.#stored.files.has(path)) {
      if (onExists === 'skip') return { type: 'skipped' }
      if (onExists === 'fail') return { type: 'failed', error: taken(path) }
      const mayReplace = onExists === 'overwrite' && this.#permissions.allows('overwrite', path)
      if (onExists === 'overwrite' && !mayReplace) return { type: 'failed', error: taken(path) }
      for (let n = 1; onExists === 'rename' && this.#stored.files.has(name); n++) {
        name = n === 1 ? `${path}.new` : `${path}.new.${n}`
      }
    }
    this.#stored.files.set(name, { type: 'file', bytes, mtime })
    return { type: 'stored', path: name }
  }

  #childrenOf(path: string): string[] {
    return [...this.#stored.files.keys()].filter((each) => each !== '/' && remoteDirname(each) === path)
  }

  #find(path: string): Stored {
    const found = this.#stored.files.get(path)
    if (found !== undefined) return found
    if (this.#stored.files.get(remoteDirname(path))?.type === 'file') throw wrongType('not-a-directory', path)
    throw new ProtocolError('not-found', 'no such file or folder', { path })
  }

  #file(path: string): StoredFile {
    const found = this.#find(path)
    if (found.type === 'file') return found
    throw wrongType('is-a-directory', path)
  }

  #folder(path: string): void {
    if (this.#find(path).type !== 'directory') throw wrongType('not-a-directory', path)
  }
}

class MemoryDownload implements Download {
  readonly entry: Entry
  readonly offset: number
  readonly #digester: Digester
  #rest: Buffer
  #size = 0

  /** The digest is of what is read, or also of what stands before it. */
  constructor(
    entry: Entry,
    bytes: Buffer,
    offset: number,
    digest: DigestAlgorithm,
    digested: 'part' | 'whole',
  ) {
    this.entry = entry
    this.offset = offset
    this.#rest = bytes.subarray(offset)
    this.#digester = createDigester(digest)
    if (digested === 'part') return
    this.#digester.update(bytes.subarray(0, offset))
    this.#size = offset
  }

  get left(): number {
    return this.#rest.length
  }

  async read(target: Uint8Array): Promise<number> {
    const bytes = this.#rest.subarray(0, target.length)
    this.#rest = this.#rest.subarray(bytes.length)
    this.#digester.update(bytes)
    this.#size += bytes.length
    target.set(bytes)
    return bytes.length
  }

  finish() {
    return { size: this.#size, digest: this.#digester.digest() }
  }

  async close(): Promise<void> {}
}

interface UploadSink {
  store(bytes: Buffer): CommitOutcome
  keep(bytes: Buffer): void
}

class MemoryUpload implements Upload {
  readonly start: TransferSummary | undefined
  readonly #digester: Digester
  readonly #sink: UploadSink
  #bytes: Buffer

  constructor(digest: DigestAlgorithm, start: Buffer | undefined, sink: UploadSink) {
    this.start = start && { size: start.length, digest: digestOf(digest, start) }
    this.#digester = createDigester(digest)
    this.#digester.update(start ?? Buffer.alloc(0))
    this.#bytes = start ?? Buffer.alloc(0)
    this.#sink = sink
  }

  async write(pieces: Uint8Array[]): Promise<void> {
    for (const piece of pieces) this.#digester.update(piece)
    this.#bytes = Buffer.concat([this.#bytes, ...pieces])
  }

  async finish() {
    return { size: this.#bytes.length, digest: this.#digester.digest() }
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    setImmediate(() => done(this.#sink.store(this.#bytes)))
  }

  async keep(): Promise<void> {
    this.#sink.keep(this.#bytes)
  }

  async discard(): Promise<void> {}
}

function digestOf(algorithm: DigestAlgorithm, bytes: Buffer) {
  const digester = createDigester(algorithm)
  digester.update(bytes)
  return digester.digest()
}

function toEntry(path: string, stored: Stored): Entry {
  const size = stored.type === 'file' ? stored.bytes.length : 0
  return { name: remoteBasename(path), type: stored.type, size, mtime: stored.mtime }
}

function checkNotRoot(path: string): void {
  if (path === '/') throw new ProtocolError('bad-request', 'that is the root itself', { path })
}

function taken(path: string): ProtocolError {
  return new ProtocolError('exists', 'the name is taken', { path })
}

function wrongType(code: 'is-a-directory' | 'not-a-directory', path: string): ProtocolError {
  return new ProtocolError(code, code === 'is-a-directory' ? 'is a folder' : 'not a folder', { path })
}

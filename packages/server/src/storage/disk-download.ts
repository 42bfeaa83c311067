import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs'
import { type Digest, type DigestAlgorithm, type Entry, ProtocolError } from '@jftp/protocol'
import { FileReader, type FileStart, readStart, type TransferSummary } from '@jftp/transfer'
import type { Permissions } from '../visitors/permissions.js'
import { toEntry } from './disk-entry.js'
import { toProtocolError } from './disk-error.js'
import type { DiskRoot } from './disk-root.js'
import { type KeptDigests, MIN_KEPT_SIZE } from './kept-digests.js'
import type { PathWalk, Place } from './path-walk.js'
import type { Download, DownloadOptions, DownloadStart } from './storage.js'

// O_NONBLOCK, in case somebody puts a named pipe in the file's place just now: opening one would wait for a writer.
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Opens the file `path` leads to, through links inside the root. */
export function openDiskDownload(
  { walk, digests }: DiskRoot,
  path: string,
  permissions: Permissions,
  options: DownloadOptions,
): DiskDownload {
  const fd = openThroughLinks(walk, path, permissions)
  try {
    const { offset = 0 } = options
    const before = statOf(fd, path)
    if (offset > before.size) {
      const message = `the file has only ${before.size} bytes, so it can't be read from byte ${offset} on`
      throw new ProtocolError('bad-request', message, { path })
    }
    return new DiskDownload(fd, before, path, options, digests)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** The same for a client that has the first bytes already. Lets others work while these are compared. */
export async function resumeDiskDownload(
  { walk, digests }: DiskRoot,
  path: string,
  permissions: Permissions,
  digest: DigestAlgorithm,
  resume: DownloadStart,
): Promise<DiskDownload> {
  const fd = openThroughLinks(walk, path, permissions)
  try {
    const before = statOf(fd, path)
    const start = await startOf(fd, before, digest, resume)
    return new DiskDownload(fd, before, path, { digest }, digests, start)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function statOf(fd: number, path: string): Stats {
  const stat = fstatSync(fd)
  checkIsFile(stat, path)
  return stat
}

/** The beginning of the file, digested, if it is what the client has; undefined if not. */
async function startOf(
  fd: number,
  before: Stats,
  digest: DigestAlgorithm,
  { offset, digest: expected, size, mtime }: DownloadStart,
): Promise<FileStart | undefined> {
  if (offset > before.size || (size !== undefined && size !== before.size)) return undefined
  if (mtime !== undefined && mtime !== toEntry('', before, '').mtime) return undefined
  // The client has digested its bytes as this transfer is digested, or with md5 if that has no digest.
  if (expected.alg !== (digest === 'none' ? 'md5' : digest)) return undefined
  const start = await readStart(fd, offset, digest)
  return start.size === offset && start.digest.hex === expected.hex ? start : undefined
}

export class DiskDownload implements Download {
  readonly entry: Entry
  readonly offset: number
  /** The digest of the file, if it is known without reading it. */
  readonly kept: Digest | undefined
  readonly #fd: number
  readonly #path: string
  readonly #reader: FileReader
  /** Where the digest goes that will be computed. */
  readonly #keeping: Keeping | undefined

  constructor(
    fd: number,
    before: Stats,
    path: string,
    { digest, offset = 0, length }: DownloadOptions,
    digests: KeptDigests | undefined,
    start?: FileStart,
  ) {
    const began = Date.now()
    this.entry = toEntry('', before, '')
    this.offset = start?.size ?? offset
    this.#fd = fd
    this.#path = path
    const isWhole = offset === 0 && length === undefined && start === undefined
    if (digests !== undefined && digest !== 'none' && isWhole && before.size >= MIN_KEPT_SIZE) {
      const version = fstatSync(fd, { bigint: true })
      this.kept = digests.find(version, digest)
      if (this.kept === undefined) this.#keeping = { digests, version, began }
    }
    const own = this.kept === undefined ? digest : 'none'
    this.#reader = new FileReader(fd, { digest: own, offset, length, before, start })
  }

  get left(): number {
    return this.#reader.left
  }

  read(target: Uint8Array): number {
    return this.readNow(target)
  }

  readNow(target: Uint8Array): number {
    try {
      return this.#reader.read(target)
    } catch (error) {
      throw toProtocolError(error, this.#path)
    }
  }

  finish(): TransferSummary {
    try {
      const passed = this.#reader.finish()
      if (this.kept !== undefined) return { ...passed, digest: this.kept }
      if (this.#keeping !== undefined) {
        const { digests, version, began } = this.#keeping
        digests.keepRead(version, fstatSync(this.#fd, { bigint: true }), began, passed.digest)
      }
      return passed
    } catch (error) {
      throw toProtocolError(error, this.#path)
    }
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** What is needed to keep the digest of a file that is read whole. */
interface Keeping {
  readonly digests: KeptDigests
  readonly version: BigIntStats
  /** When the reading began: a `Date.now()`. */
  readonly began: number
}

function openThroughLinks(walk: PathWalk, path: string, permissions: Permissions): number {
  const open = (place: Place) =>
    openIn(place, path, () => permissions.check('read', permissions.isUniform ? '/' : walk.pathOf(place)))
  const fd = open(walk.parentOf(path)) ?? open(walk.targetOf(path))
  if (fd !== undefined) return fd
  throw new ProtocolError('changed', 'what the link leads to was replaced just now; try again', { path })
}

/** Undefined for a link. Looks first, because opening and closing a named pipe would end its writer. */
function openIn({ folder, name }: Place, path: string, check: () => void): number | undefined {
  try {
    const stat = lstatSync(folder.child(name))
    if (stat.isSymbolicLink()) return undefined
    check()
    checkIsFile(stat, path)
    return openSync(folder.child(name), READ)
  } finally {
    folder.close()
  }
}

function checkIsFile(stat: Stats, path: string): void {
  if (stat.isDirectory()) throw new ProtocolError('is-a-directory', 'is a folder', { path })
  if (!stat.isFile()) throw new ProtocolError('unsupported', 'not a regular file', { path })
  if (stat.size <= Number.MAX_SAFE_INTEGER) return
  throw new ProtocolError('too-large', 'larger than this protocol can send: 2^53 bytes or more', { path })
}

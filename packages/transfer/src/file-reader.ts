import { fstatSync, readSync, type Stats } from 'node:fs'
import { createDigester, type DigestAlgorithm, type Digester, ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from './byte-source.js'
import type { FileStart } from './file-start.js'

/** What tells two versions of a file apart: the fields of its fstat that are compared. */
export type FileVersion = Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'nlink'>

export interface FileReaderOptions {
  readonly digest: DigestAlgorithm
  /** The byte of the file to begin at, 0 by default. The digest is of the bytes from there on. */
  readonly offset?: number | undefined
  /** How many bytes to read at most; by default all that follow. */
  readonly length?: number | undefined
  /** The first bytes of the file, which were read already. It goes on behind them, and the digest is of both. */
  readonly start?: FileStart | undefined
  /** The version that is to be read, if the caller has looked already; by default what is there now. */
  readonly before?: FileVersion | undefined
}

/** Reads a file from front to back into its caller's memory and digests what it reads, synchronously. */
export class FileReader {
  readonly #fd: number
  readonly #before: FileVersion
  /** The byte behind the last one to read. */
  readonly #end: number
  /** The byte at which the digest begins. */
  readonly #offset: number
  readonly #digester: Digester
  #position: number

  /** `fd` is open for reading a regular file. The caller closes it. */
  constructor(fd: number, options: FileReaderOptions) {
    const { digest, offset = 0, length = Number.POSITIVE_INFINITY, start, before = fstatSync(fd) } = options
    this.#fd = fd
    this.#before = before
    this.#end = Math.min(before.size, offset + length)
    this.#offset = start === undefined ? offset : 0
    this.#position = start?.size ?? offset
    this.#digester = start?.digester ?? createDigester(digest, this.left)
  }

  /** Bytes still to come. */
  get left(): number {
    return Math.max(0, this.#end - this.#position)
  }

  /** Reads on. Returns the number of bytes that are now in `target`; 0 at the end. Throws the file system's errors. */
  read(target: Uint8Array): number {
    const room = Math.min(target.length, this.left)
    if (room === 0) return 0
    const count = readSync(this.#fd, target, 0, room, this.#position)
    this.#position += count
    this.#digester.update(target.subarray(0, count))
    return count
  }

  /** What was read. Throws `changed` if the file is not what it was at the start, or was not read to its end. */
  finish(): TransferSummary {
    const after = fstatSync(this.#fd)
    if (hasChanged(this.#before, after) || this.left > 0) {
      throw new ProtocolError('changed', 'the file changed while it was read; try again')
    }
    return { size: this.#position - this.#offset, digest: this.#digester.digest() }
  }
}

/**
 * Whether a file was written to between two looks at it. Its ctime is compared as well, because whoever rewrites
 * a file in place can set its mtime back (`cp -p` and `rsync --inplace --times` do). The ctime also moves when a
 * link is made or removed, or a new file takes this one's name: then the number of links differs too.
 */
export function hasChanged(before: FileVersion, after: FileVersion): boolean {
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) return true
  return after.ctimeMs !== before.ctimeMs && after.nlink === before.nlink
}

import { fstatSync, readSync, type Stats } from 'node:fs'
import { createDigester, type DigestAlgorithm, type Digester, ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from './byte-source.js'

/** What tells two versions of a file apart: the fields of its fstat that are compared. */
export type FileVersion = Pick<Stats, 'size' | 'mtimeMs' | 'ctimeMs' | 'nlink'>

export interface FileReaderOptions {
  readonly digest: DigestAlgorithm
  /** The byte of the file to begin at, 0 by default. */
  readonly offset?: number | undefined
  /** The version that is to be read, if the caller has looked already; by default what is there now. */
  readonly before?: FileVersion | undefined
}

/** Reads a file from front to back into its caller's memory and digests what it reads, synchronously. */
export class FileReader {
  readonly #fd: number
  readonly #before: FileVersion
  readonly #size: number
  readonly #offset: number
  readonly #digester: Digester
  #position: number

  /** `fd` is open for reading a regular file. The caller closes it. */
  constructor(fd: number, { digest, offset = 0, before = fstatSync(fd) }: FileReaderOptions) {
    this.#fd = fd
    this.#before = before
    this.#size = before.size
    this.#offset = offset
    this.#position = offset
    this.#digester = createDigester(digest, this.left)
  }

  /** Bytes still to come. */
  get left(): number {
    return Math.max(0, this.#size - this.#position)
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

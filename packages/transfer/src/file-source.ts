import { fstatSync, readSync, type Stats } from 'node:fs'
import {
  createDigester,
  type DigestAlgorithm,
  type Digester,
  FRAME_HEADER_SIZE,
  ProtocolError,
} from '@jftp/protocol'
import type { ByteSource, Passed } from './byte-source.js'
import { PIECE_SIZE, type Piece } from './piece.js'

/** Reads and digests in the calling thread, synchronously. */
export class FileSource implements ByteSource {
  readonly #fd: number
  readonly #before: Stats
  readonly #digester: Digester
  readonly #free: ArrayBuffer[] = []
  #position = 0

  /** `fd` is open for reading a regular file; `before`, its fstat, where the caller has it. */
  constructor(fd: number, alg: DigestAlgorithm, before: Stats = fstatSync(fd)) {
    this.#fd = fd
    this.#before = before
    this.#digester = createDigester(alg)
  }

  read(): Piece | undefined {
    const wanted = Math.min(PIECE_SIZE, this.#before.size - this.#position)
    if (wanted <= 0) return undefined
    const buffer = this.#free.pop() ?? new ArrayBuffer(FRAME_HEADER_SIZE + wanted)
    const room = Math.min(wanted, buffer.byteLength - FRAME_HEADER_SIZE)
    const count = readSync(this.#fd, new Uint8Array(buffer, FRAME_HEADER_SIZE, room), 0, room, this.#position)
    if (count === 0) return undefined
    this.#position += count
    this.#digester.update(new Uint8Array(buffer, FRAME_HEADER_SIZE, count))
    return { frame: new Uint8Array(buffer, 0, FRAME_HEADER_SIZE + count) }
  }

  recycle(buffer: ArrayBuffer): void {
    this.#free.push(buffer)
  }

  finish(): Passed {
    const after = fstatSync(this.#fd)
    if (hasChanged(this.#before, after) || this.#position !== after.size) {
      throw new ProtocolError('changed', 'the file changed while it was read; try again')
    }
    return { size: this.#position, digest: this.#digester.digest() }
  }

  close(): void {
    this.#free.length = 0
  }
}

/**
 * Whether a file was written to between two looks at it. Its ctime is compared as well, because whoever rewrites
 * a file in place can set its mtime back (`cp -p` and `rsync --inplace --times` do). The ctime also moves when a
 * link is made or removed, or a new file takes this one's name: then the number of links differs too.
 */
export function hasChanged(before: Stats, after: Stats): boolean {
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) return true
  return after.ctimeMs !== before.ctimeMs && after.nlink === before.nlink
}

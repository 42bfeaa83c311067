import { writeSync, writevSync } from 'node:fs'
import { createDigester, type DigestAlgorithm, type Digester } from '@jftp/protocol'
import type { ByteSink, TransferSummary } from './byte-source.js'
import type { FileStart } from './file-start.js'

export interface FileSinkOptions {
  readonly start?: FileStart | undefined
  readonly size?: number | undefined
}

/** Writes and digests in the calling thread, synchronously. Does not fsync: see GroupCommit. */
export class FileSink implements ByteSink {
  readonly #fd: number
  readonly #digester: Digester
  #position: number

  /**
   * `fd` is open for writing. The file is empty, or holds `start` and is continued behind it. `size`: how many
   * bytes will come, if that is known.
   */
  constructor(fd: number, alg: DigestAlgorithm, { start, size }: FileSinkOptions = {}) {
    this.#fd = fd
    this.#digester = start?.digester ?? createDigester(alg, size)
    this.#position = start?.size ?? 0
  }

  write(pieces: Uint8Array[]): void {
    for (const piece of pieces) this.#digester.update(piece)
    let rest = pieces
    while (rest.length > 0) {
      const written = rest.length === 1 ? this.#writeOne(rest[0]) : writevSync(this.#fd, rest, this.#position)
      this.#position += written
      rest = dropBytes(rest, written)
    }
  }

  finish(): TransferSummary {
    return { size: this.#position, digest: this.#digester.digest() }
  }

  close(): void {}

  #writeOne(piece: Uint8Array | undefined): number {
    return piece === undefined ? 0 : writeSync(this.#fd, piece, 0, piece.length, this.#position)
  }
}

/** What is left of `pieces` after a write that may have been short. */
function dropBytes(pieces: Uint8Array[], count: number): Uint8Array[] {
  let left = count
  for (const [index, piece] of pieces.entries()) {
    if (left < piece.length) return [piece.subarray(left), ...pieces.slice(index + 1)]
    left -= piece.length
  }
  return []
}

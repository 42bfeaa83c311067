import { type DigestAlgorithm, FRAME_HEADER_SIZE } from '@jftp/protocol'
import { type ByteSource, type DataFrame, PIECE_SIZE, type TransferSummary } from './byte-source.js'
import { FileReader, type FileVersion } from './file-reader.js'
import type { FileStart } from './file-start.js'

/** Reads and digests in the calling thread, synchronously, in pieces that are ready to become frames. */
export class FileSource implements ByteSource {
  readonly #reader: FileReader
  readonly #free: ArrayBuffer[] = []

  /** `fd` is open for reading a regular file; `before` is the version that is to be read, behind `start`. */
  constructor(fd: number, digest: DigestAlgorithm, before?: FileVersion, start?: FileStart) {
    this.#reader = new FileReader(fd, { digest, before, start })
  }

  read(): DataFrame | undefined {
    const wanted = Math.min(PIECE_SIZE, this.#reader.left)
    if (wanted === 0) return undefined
    const buffer = this.#free.pop() ?? new ArrayBuffer(FRAME_HEADER_SIZE + wanted)
    const count = this.#reader.read(new Uint8Array(buffer, FRAME_HEADER_SIZE))
    return count === 0 ? undefined : { frame: new Uint8Array(buffer, 0, FRAME_HEADER_SIZE + count) }
  }

  recycle(buffer: ArrayBuffer): void {
    this.#free.push(buffer)
  }

  finish(): TransferSummary {
    return this.#reader.finish()
  }

  close(): void {
    this.#free.length = 0
  }
}

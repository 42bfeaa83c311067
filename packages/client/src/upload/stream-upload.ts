import { Buffer } from 'node:buffer'
import { createDigester, type DigestAlgorithm, type Digester, FRAME_HEADER_SIZE } from '@jftp/protocol'
import { type ByteSource, type DataFrame, PIECE_SIZE, type TransferSummary } from '@jftp/transfer'
import { FtpError } from '../errors/ftp-error.js'
import type { StreamedBody, UploadBody, UploadSource } from './upload-source.js'

/** Bytes from a stream or any other async iterable. */
export class StreamUpload implements UploadSource, StreamedBody {
  readonly type = 'streamed'
  readonly local = undefined
  readonly facts = undefined
  readonly readStart = undefined
  readonly size: number | undefined
  readonly #chunks: AsyncIterable<unknown>
  #source: IterableSource | undefined

  /** `size` in bytes, if it is known. */
  constructor(chunks: AsyncIterable<unknown>, size: number | undefined) {
    this.#chunks = chunks
    this.size = size
    // A stream that fails before it is read would end the process. Whoever reads it gets the error all the same.
    if (isNodeStream(chunks)) chunks.on('error', () => {})
  }

  open(): UploadBody {
    return this
  }

  abandon(): void {
    this.close()
  }

  read(digest: DigestAlgorithm): ByteSource {
    this.#source = new IterableSource(this.#chunks, digest)
    return this.#source
  }

  close(): void {
    // A source that nobody will read any more may hold a file or a socket.
    if (this.#source !== undefined) this.#source.close()
    else abandon(this.#chunks)
    if (isNodeStream(this.#chunks)) this.#chunks.destroy()
  }
}

/** Copies chunks of any size into pieces, because whoever made a chunk may use its memory for the next one. */
class IterableSource implements ByteSource {
  readonly #iterator: AsyncIterator<unknown>
  readonly #digester: Digester
  #rest: Uint8Array = Buffer.alloc(0)
  #size = 0

  constructor(chunks: AsyncIterable<unknown>, digest: DigestAlgorithm) {
    this.#iterator = chunks[Symbol.asyncIterator]()
    this.#digester = createDigester(digest)
  }

  async read(): Promise<DataFrame | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#iterator.next()
      if (next.done) return undefined
      this.#rest = toBytes(next.value)
    }
    const length = Math.min(PIECE_SIZE, this.#rest.length)
    const frame = new Uint8Array(FRAME_HEADER_SIZE + length)
    frame.set(this.#rest.subarray(0, length), FRAME_HEADER_SIZE)
    this.#rest = this.#rest.subarray(length)
    this.#digester.update(frame.subarray(FRAME_HEADER_SIZE))
    this.#size += length
    return { frame }
  }

  recycle(): void {}

  finish(): TransferSummary {
    return { size: this.#size, digest: this.#digester.digest() }
  }

  /** This is not waited for: an iterator in the middle of `next` answers only when that is done, or never. */
  close(): void {
    endIterator(() => this.#iterator)
  }
}

/** Ends an iterable that was never read, such as a generator that has not begun or a web stream. */
function abandon(chunks: AsyncIterable<unknown>): void {
  // This fails if somebody else has locked a web stream, and will end it.
  endIterator(() => chunks[Symbol.asyncIterator]())
}

/** Whatever an iterator does as it is ended, nobody waits for its bytes any more. */
function endIterator(iterator: () => AsyncIterator<unknown>): void {
  void (async () => iterator().return?.())().catch(() => {})
}

/** Streams of Node, also those of a package that brings its own. */
function isNodeStream(
  chunks: object,
): chunks is { destroy(): void; on(event: 'error', listener: () => void): void } {
  const { destroy, on } = chunks as { destroy?: unknown; on?: unknown }
  return typeof destroy === 'function' && typeof on === 'function'
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  throw new FtpError('usage', `a source of bytes gave a ${typeof chunk}; it has to give Uint8Array`)
}

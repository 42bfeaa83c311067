import { createDigester } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Awaitable, ByteReader } from '../storage/storage.js'

/** What an answer of many parts is made of: a page at a time, so that any number costs the memory of a page. */
export interface Pages<T> {
  readonly pages: Iterable<T[]> | AsyncIterable<T[]>
  close(): Awaitable<void>
}

/** Pages as NDJSON, one object a line. */
export class JsonLines<T> implements ByteReader {
  readonly #source: Pages<T>
  readonly #pages: AsyncIterator<T[]> | Iterator<T[]>
  readonly #digester = createDigester('md5')
  /** What was not read yet of the page. */
  #rest: Uint8Array = new Uint8Array(0)
  #size = 0

  constructor(source: Pages<T>) {
    const { pages } = source
    this.#source = source
    this.#pages = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]()
  }

  get left(): undefined {
    return undefined
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#rest.length === 0) {
      const next = await this.#pages.next()
      if (next.done === true) return 0
      this.#rest = Buffer.from(next.value.map((item) => `${JSON.stringify(item)}\n`).join(''))
    }
    // A page may be cut anywhere, because all pages together are one stream of lines.
    const bytes = this.#rest.subarray(0, target.length)
    this.#rest = this.#rest.subarray(bytes.length)
    this.#digester.update(bytes)
    this.#size += bytes.length
    target.set(bytes)
    return bytes.length
  }

  finish(): TransferSummary {
    return { size: this.#size, digest: this.#digester.digest() }
  }

  close(): void | Promise<void> {
    return this.#source.close()
  }
}

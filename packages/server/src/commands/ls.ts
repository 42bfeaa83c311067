import { createDigester, type Entry } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { ByteReader, Listing } from '../storage/storage.js'
import type { CommandHandler } from './command-handler.js'

export const ls: CommandHandler<'ls'> = {
  name: 'ls',
  needsLogin: true,
  changesNames: false,
  help: 'what a folder holds; of a file, its one entry',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    const listing = await storage.list(path)
    return { facts: { path, type: listing.type }, source: new EntryLines(listing) }
  },
}

/** A listing as NDJSON, a page at a time, so that a folder of any size costs the memory of a page. */
class EntryLines implements ByteReader {
  readonly #listing: Listing
  readonly #pages: AsyncIterator<Entry[]> | Iterator<Entry[]>
  readonly #digester = createDigester('md5')
  /** What was not read yet of the page. */
  #rest: Uint8Array = new Uint8Array(0)
  #size = 0

  constructor(listing: Listing) {
    const { pages } = listing
    this.#listing = listing
    this.#pages = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]()
  }

  get left(): undefined {
    return undefined
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#rest.length === 0) {
      const next = await this.#pages.next()
      if (next.done === true) return 0
      this.#rest = Buffer.from(next.value.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
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
    return this.#listing.close()
  }
}

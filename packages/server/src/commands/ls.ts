import { createDigester, type Entry, FRAME_HEADER_SIZE } from '@jftp/protocol'
import { type Passed, PIECE_SIZE, type Piece } from '@jftp/transfer'
import type { Listing } from '../storage/storage.js'
import type { Command, PieceSource } from './command.js'

export const ls: Command<'ls'> = {
  name: 'ls',
  permission: 'list',
  changesNames: false,
  help: 'what a folder holds; of a file, its one entry',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    const listing = await storage.list(path)
    return {
      facts: { path, type: listing.type },
      source: new EntryLines(listing),
      close: () => listing.close(),
    }
  },
}

/** A listing as NDJSON, a page at a time, so that a folder of any size costs the memory of a page. */
class EntryLines implements PieceSource {
  readonly #pages: AsyncIterator<Entry[]> | Iterator<Entry[]>
  readonly #digester = createDigester('md5')
  #rest: Uint8Array = new Uint8Array(0)
  #size = 0

  constructor({ pages }: Listing) {
    this.#pages = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]()
  }

  async read(): Promise<Piece | undefined> {
    if (this.#rest.length === 0) {
      const next = await this.#pages.next()
      if (next.done === true) return undefined
      this.#rest = Buffer.from(next.value.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    }
    // Where a page of long names is cut doesn't matter: it is one stream of lines.
    const bytes = this.#rest.subarray(0, PIECE_SIZE)
    this.#rest = this.#rest.subarray(bytes.length)
    this.#digester.update(bytes)
    this.#size += bytes.length
    const frame = new Uint8Array(FRAME_HEADER_SIZE + bytes.length)
    frame.set(bytes, FRAME_HEADER_SIZE)
    return { frame }
  }

  recycle(): void {}

  finish(): Passed {
    return { size: this.#size, digest: this.#digester.digest() }
  }
}

import { createHash, type Hash } from 'node:crypto'
import type { AckOf, CommandName } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import type { ConnectionLink } from '../retry/connection-link.js'
import type { LinesRequest } from './lines-call.js'
import { listingPages } from './listing-pages.js'

/** Some items of a listing, with the facts in its ACK. */
interface Page<C extends CommandName, R> {
  readonly facts: AckOf<C> | undefined
  readonly items: R[]
}

/**
 * The pages of a listing that only reads. If its connection is lost, it is asked for again, and what was told already is
 * left out. `nameOf` tells items apart.
 */
export async function* repeatableListing<C extends CommandName, R>(
  link: ConnectionLink,
  request: LinesRequest<C, R>,
  nameOf: (item: R) => string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page<C, R>, void, undefined> {
  const told = new ToldItems(nameOf)
  yield* link.stream(signal, ({ connection }) => told.goOn(listingPages(connection, request, signal)))
  if (told.isContradicted) throw changed(request.path)
}

/** What a listing has told. It is kept as a count and a digest of the names, however many there are. */
class ToldItems<R> {
  /** Whether a later listing began with other names, so that nobody can say which of its names are new. */
  isContradicted = false
  readonly #nameOf: (item: R) => string
  readonly #names = createHash('md5')
  #count = 0

  constructor(nameOf: (item: R) => string) {
    this.#nameOf = nameOf
  }

  /** What is in these pages behind the items that were told before. */
  async *goOn<C extends CommandName>(
    pages: AsyncIterable<Page<C, R>>,
  ): AsyncGenerator<Page<C, R>, void, undefined> {
    const known = this.#count
    const again = createHash('md5')
    let passed = 0
    for await (const { facts, items } of pages) {
      const repeated = items.slice(0, known - passed)
      const rest = items.slice(repeated.length)
      if (repeated.length > 0) {
        passed += repeated.length
        this.#addNames(again, repeated)
        if (passed === known && digestSoFar(again) !== digestSoFar(this.#names)) {
          this.isContradicted = true
          return
        }
      }
      if (rest.length === 0) continue
      this.#count += rest.length
      this.#addNames(this.#names, rest)
      yield { facts, items: rest }
    }
    if (passed < known) this.isContradicted = true
  }

  #addNames(digest: Hash, items: readonly R[]): void {
    // No name has a NUL in it.
    for (const item of items) digest.update(`${this.#nameOf(item)}\0`)
  }
}

function digestSoFar(digest: Hash): string {
  return digest.copy().digest('hex')
}

function changed(path: string): FtpError {
  const text =
    'the connection was lost in the middle of the listing, and names have changed since; run it again'
  return new FtpError('changed', `${path}: ${text}`, { path })
}

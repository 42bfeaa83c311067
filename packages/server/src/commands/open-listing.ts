import type { Entry } from '@jftp/protocol'
import type { Listing, Storage } from '../storage/storage.js'

/**
 * A listing that is read entry by entry. It reads one page ahead: most folders then end at once, and hold no descriptor
 * while the folders in them are searched.
 */
export class OpenListing {
  /** The remote path of what is listed. */
  readonly path: string
  /** The same below the top of a search. */
  readonly below: string
  /** As that of a `Listing`; only for a search that follows links. */
  readonly key: string
  readonly #listing: Listing
  readonly #pages: Iterator<Entry[]> | AsyncIterator<Entry[]>
  #page: Entry[] = []
  #at = 0
  #ahead: Entry[] | undefined = []
  #isOpen = true

  private constructor(listing: Listing, path: string, below: string, links: 'report' | 'follow') {
    const { pages } = listing
    this.path = path
    this.below = below
    this.key = links === 'follow' ? listing.key : ''
    this.#listing = listing
    this.#pages = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]()
  }

  static async open(
    storage: Storage,
    path: string,
    below: string,
    links: 'report' | 'follow',
  ): Promise<OpenListing> {
    return new OpenListing(await storage.list(path), path, below, links)
  }

  get type(): Entry['type'] {
    return this.#listing.type
  }

  /** The next entry that has been read already. */
  get nextOfPage(): Entry | undefined {
    return this.#page[this.#at++]
  }

  /** The next entry, undefined after the last. */
  async next(): Promise<Entry | undefined> {
    while (this.#at >= this.#page.length) {
      if (this.#ahead === undefined) return undefined
      this.#page = this.#ahead
      this.#at = 0
      const next = await this.#pages.next()
      this.#ahead = next.done === true ? undefined : next.value
      if (this.#ahead === undefined) await this.close()
    }
    return this.nextOfPage
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#listing.close()
  }
}

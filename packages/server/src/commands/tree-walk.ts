import {
  createNameGlob,
  type Entry,
  type Found,
  joinRemotePath,
  MAX_PATH_DEPTH,
  ProtocolError,
  type RequestOf,
  splitRemotePath,
} from '@jftp/protocol'
import type { Storage } from '../storage/storage.js'
import { OpenListing } from './open-listing.js'

export type TreeWalkOptions = Omit<RequestOf<'find'>, 'path'>

/** Names in the first page, so that a client can begin with them as soon as possible. */
const FIRST_PAGE_LENGTH = 16

/** The most names in a page. */
const PAGE_LENGTH = 256

/**
 * Everything in a folder and below it, depth first, for `find`. Its memory is that of two pages for each folder on the
 * way down, however many names there are.
 */
export class TreeWalk {
  readonly #storage: Storage
  readonly #options: TreeWalkOptions
  readonly #matches: (entry: Entry) => boolean
  readonly #maxDepth: number
  /** The folders on the way down, the deepest one last. */
  readonly #open: OpenListing[]
  #page: Found[] = []
  #onUnreadable: (error: ProtocolError) => void = () => {}

  private constructor(storage: Storage, top: OpenListing, options: TreeWalkOptions) {
    const { name, type, depth = MAX_PATH_DEPTH } = options
    const hasName = name === undefined ? () => true : createNameGlob(name)
    this.#storage = storage
    this.#options = options
    this.#open = [top]
    this.#matches = (entry) => (type === undefined || entry.type === type) && hasName(entry.name)
    // No request can name a path with more names than this.
    this.#maxDepth = Math.min(depth, MAX_PATH_DEPTH - splitRemotePath(top.path).length)
  }

  /** Throws if `path` leads to nothing or may not be listed. */
  static async begin(storage: Storage, path: string, options: TreeWalkOptions): Promise<TreeWalk> {
    return new TreeWalk(storage, await OpenListing.open(storage, path, '', options.links), options)
  }

  get type(): Entry['type'] {
    return (this.#open[0] as OpenListing).type
  }

  /**
   * `pause` is awaited again and again, also while nothing is found; what it throws ends the walk. `onUnreadable` is
   * called for each folder that can't be read.
   */
  async *pages(
    pause: () => Promise<void>,
    onUnreadable: (error: ProtocolError) => void,
  ): AsyncGenerator<Found[], void> {
    this.#onUnreadable = onUnreadable
    const [top] = this.#open as [OpenListing]
    if (top.type !== 'directory') {
      const entry = (await top.next()) as Entry
      if (this.#matches(entry)) yield [toFound('', entry)]
      return
    }
    if (this.#maxDepth === 0) return
    let looked = 0
    let pageLength = FIRST_PAGE_LENGTH
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      // To await every name would cost more than to look at it.
      const entry = folder.nextOfPage ?? (await this.#nextOf(folder))
      if (entry === undefined) {
        this.#open.pop()
        await folder.close()
      } else {
        await this.#lookAt(folder, entry)
      }
      if (++looked < pageLength) continue
      looked = 0
      pageLength = Math.min(2 * pageLength, PAGE_LENGTH)
      await pause()
      if (this.#page.length === 0) continue
      yield this.#page
      this.#page = []
    }
    if (this.#page.length > 0) yield this.#page
  }

  async close(): Promise<void> {
    for (const folder of this.#open.splice(0)) await folder.close()
  }

  async #nextOf(folder: OpenListing): Promise<Entry | undefined> {
    try {
      return await folder.next()
    } catch (error) {
      this.#tellUnreadable(folder.below, error)
      return undefined
    }
  }

  #lookAt(folder: OpenListing, entry: Entry): Promise<void> | undefined {
    const below = folder.below === '' ? entry.name : `${folder.below}/${entry.name}`
    const path = joinRemotePath(folder.path, entry.name)
    // No request can name what is in a folder whose name is not UTF-8.
    const isNameable = entry.rawName === undefined
    if (entry.type === 'link' && this.#options.links === 'follow' && isNameable) {
      return this.#follow(path, below, entry)
    }
    this.#tell(below, entry)
    return entry.type === 'directory' && isNameable ? this.#enter(path, below) : undefined
  }

  #tell(below: string, entry: Entry): void {
    if (this.#matches(entry)) this.#page.push(toFound(below, entry))
  }

  #tellUnreadable(below: string, error: unknown): void {
    // It was there a moment ago, and has been removed.
    if (error instanceof ProtocolError && error.code === 'not-found') return
    if (!(error instanceof ProtocolError)) throw error
    this.#onUnreadable(error)
    this.#page.push({ path: below, type: 'unreadable', error: error.toWire() })
  }

  #list(path: string, below: string): Promise<OpenListing> {
    return OpenListing.open(this.#storage, path, below, this.#options.links)
  }

  async #enter(path: string, below: string): Promise<void> {
    if (this.#open.length >= this.#maxDepth) return
    try {
      this.#open.push(await this.#list(path, below))
    } catch (error) {
      this.#tellUnreadable(below, error)
    }
  }

  /** Tells what a link leads to. A link that leads out of the root, to nothing or in a circle is told as a link. */
  async #follow(path: string, below: string, link: Entry): Promise<void> {
    const target = await this.#list(path, below).catch((error: unknown) => {
      if (error instanceof ProtocolError) return undefined
      throw error
    })
    if (target === undefined) return this.#tell(below, link)
    const { name, target: text } = link
    if (target.type !== 'directory') {
      const entry = (await target.next()) as Entry
      await target.close()
      return this.#tell(below, { ...entry, name, target: text })
    }
    if (this.#open.some(({ key }) => key === target.key)) {
      await target.close()
      return this.#tell(below, link)
    }
    this.#tell(below, { ...link, type: 'directory' })
    if (this.#open.length >= this.#maxDepth) await target.close()
    else this.#open.push(target)
  }
}

function toFound(path: string, { name: _, ...facts }: Entry): Found {
  return { path, ...facts }
}

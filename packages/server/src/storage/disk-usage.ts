import { lstatSync, opendirSync, type Stats } from 'node:fs'
import { joinRemotePath, MAX_PATH_DEPTH, ProtocolError, type Usage } from '@jftp/protocol'
import { errnoOf, toProtocolError } from './disk-error.js'
import { type Folder, openFolder } from './folder.js'
import { isReserved } from './path-walk.js'
import type { Pause, UsageOptions, UsageReport } from './storage.js'

/** Names that are looked at before the time is looked at. */
const NAMES_PER_PAUSE = 16

/** Totals that are sent together. */
const PAGE_LENGTH = 256

/** Files with several names that are remembered, to be counted once. More of them are counted for each name. */
const MAX_LINKED = 250_000

/** The folder to be counted, or the one file. */
export interface UsageTop {
  readonly path: string
  readonly stat: Stats
  /** Undefined if it is no folder. The report closes it. */
  readonly folder: Folder | undefined
  readonly atTop: 'top' | 'below'
}

/** Throws `permission-denied` if the folder may not be listed. */
export type CheckFolder = (folder: Folder) => void

/**
 * Counts a tree folder by folder. It holds one folder open for each level and remembers the names of those that are
 * still to be entered, so the memory it needs does not grow with the number of files.
 */
export class DiskUsage implements UsageReport {
  readonly pages: AsyncIterable<Usage[]>
  readonly #options: UsageOptions
  readonly #check: CheckFolder
  readonly #linked = new Set<string>()
  /** The folders that are open, from the top to where the walk is. */
  readonly #levels: Level[] = []

  constructor(top: UsageTop, options: UsageOptions, check: CheckFolder) {
    this.#options = options
    this.#check = check
    if (top.folder !== undefined) this.#levels.push(new Level(top.folder, top.path, top.stat))
    this.pages = top.folder === undefined ? single(top) : this.#walk(top.atTop)
  }

  close(): void {
    for (const level of this.#levels.splice(0)) level.folder.close()
  }

  async *#walk(atTop: 'top' | 'below'): AsyncGenerator<Usage[]> {
    const { pause } = this.#options
    let page: Usage[] = []
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      if (level.folders === undefined) {
        const place = this.#levels.length === 1 ? atTop : 'below'
        const failure = await this.#read(level, place, pause)
        if (failure !== undefined) page.push(failure)
      }
      await pause()
      const name = level.folders?.pop()
      const told = name === undefined ? this.#leave(level) : this.#enter(level, name)
      if (told !== undefined) page.push(told)
      if (page.length < PAGE_LENGTH) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }

  /** Counts what is in the folder itself and notes its folders. Returns what went wrong. */
  async #read(level: Level, place: 'top' | 'below', pause: Pause): Promise<Usage | undefined> {
    level.folders = []
    try {
      this.#check(level.folder)
      const dir = opendirSync(level.folder.self, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 })
      try {
        let count = 0
        for (let item = dir.readSync(); item !== null; item = dir.readSync()) {
          const name = textOf(Buffer.from(item.name as string | Buffer as Buffer))
          if (!(place === 'top' && isReserved(name.toString()))) this.#count(level, name)
          if (++count % NAMES_PER_PAUSE === 0) await pause()
        }
      } finally {
        dir.closeSync()
      }
      return undefined
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'cancelled') throw error
      return this.#unreadable(level.path, error)
    }
  }

  #count(level: Level, name: string | Buffer): void {
    const stat = lstatSync(level.childOf(name), { throwIfNoEntry: false })
    if (stat === undefined) return
    if (stat.isDirectory()) level.folders?.push(name)
    else level.add(stat, this.#isFirstName(stat) ? 'new' : 'counted')
  }

  /** A file with several names takes its bytes once. */
  #isFirstName({ nlink, dev, ino }: Stats): boolean {
    if (nlink < 2) return true
    const key = `${dev}:${ino}`
    if (this.#linked.has(key)) return false
    if (this.#linked.size < MAX_LINKED) this.#linked.add(key)
    return true
  }

  /** Opens a folder of the current one. Returns what went wrong. */
  #enter(level: Level, name: string | Buffer): Usage | undefined {
    const path = joinRemotePath(level.path, name.toString())
    try {
      if (this.#levels.length > MAX_PATH_DEPTH)
        throw new ProtocolError(
          'unsupported',
          `deeper than ${MAX_PATH_DEPTH} folders; it is missing in the totals`,
        )
      const folder = openFolder(level.childOf(name))
      const stat = lstatSync(`${folder.self}/.`)
      this.#levels.push(new Level(folder, path, stat))
      return undefined
    } catch (error) {
      // It was removed or replaced after it was found.
      const code = errnoOf(error)
      return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP'
        ? undefined
        : this.#unreadable(path, error)
    }
  }

  #unreadable(path: string, cause: unknown): Usage {
    const error = toProtocolError(cause, path)
    this.#options.onUnreadable(error)
    return { type: 'unreadable', path, error: error.toWire() }
  }

  /** Closes a folder that was counted and adds it to the one above. Returns its totals, if they are to be told. */
  #leave(level: Level): Usage | undefined {
    this.#levels.pop()
    level.folder.close()
    this.#levels.at(-1)?.addTotals(level)
    const { depth = Number.POSITIVE_INFINITY } = this.#options
    return this.#levels.length > depth ? undefined : level.totals
  }
}

/** A folder that is open, with what was counted in it so far. */
class Level {
  readonly folder: Folder
  readonly path: string
  /** Names of its folders that are still to be entered; undefined before it was read. */
  folders: (string | Buffer)[] | undefined
  #size = 0
  #allocated = 0
  #names = 0

  constructor(folder: Folder, path: string, stat: Stats) {
    this.folder = folder
    this.path = path
    this.add(stat, 'new')
  }

  childOf(name: string | Buffer): string | Buffer {
    return typeof name === 'string' ? this.folder.child(name) : this.folder.child(name)
  }

  /** `counted`: the bytes were added under another name already. */
  add(stat: Stats, bytes: 'new' | 'counted'): void {
    this.#names++
    if (bytes === 'counted') return
    if (stat.isFile()) this.#size += stat.size
    this.#allocated += allocatedBy(stat)
  }

  addTotals(below: Level): void {
    this.#size += below.#size
    this.#allocated += below.#allocated
    this.#names += below.#names
  }

  get totals(): Usage {
    return {
      type: 'total',
      path: this.path,
      size: Math.min(this.#size, Number.MAX_SAFE_INTEGER),
      allocated: Math.min(this.#allocated, Number.MAX_SAFE_INTEGER),
      names: this.#names,
    }
  }
}

async function* single({ path, stat }: UsageTop): AsyncGenerator<Usage[]> {
  const size = stat.isFile() ? Math.min(stat.size, Number.MAX_SAFE_INTEGER) : 0
  yield [{ type: 'total', path, size, allocated: allocatedBy(stat), names: 1 }]
}

/** Blocks are of 512 bytes wherever the system counts them. */
function allocatedBy({ blocks, size }: Stats): number {
  return process.platform === 'win32' ? size : blocks * 512
}

/** A name that is not UTF-8 stays bytes, because no text leads to it. */
function textOf(raw: Buffer): string | Buffer {
  const text = raw.toString()
  return Buffer.from(text).equals(raw) ? text : raw
}

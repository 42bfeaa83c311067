import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { comparePaths, parentOf, type TreeEntry } from './tree-entry.js'

/** Entries kept in memory. More of them are sorted and written to a temporary file, one run after another. */
const RUN_LENGTH = 40_000

const BLOCK_SIZE = 64 * 1024

const NEWLINE = 0x0a

/** Where one sorted run is in the temporary file. */
interface Run {
  readonly start: number
  readonly end: number
}

/**
 * The entries of one tree. They are added in any order and read in the order of `comparePaths`, as often as needed. The
 * memory they take has a limit, however many there are: what is more goes to a temporary file.
 */
export class SortedEntries implements Disposable {
  readonly #runLength: number
  #latest: TreeEntry[] = []
  #runs: Run[] = []
  #file: { readonly fd: number; size: number } | undefined

  /** `runLength`: how many entries are kept in memory. */
  constructor(runLength = RUN_LENGTH) {
    this.#runLength = runLength
  }

  add(entry: TreeEntry): void {
    this.#latest.push(entry)
    if (this.#latest.length >= this.#runLength) this.#spill()
  }

  /**
   * Every entry once. An entry that comes twice is told once, and one whose folder is missing, or is no folder, is left
   * out: a listing of a tree can't have it, and it could lead somewhere else.
   */
  *[Symbol.iterator](): Generator<TreeEntry, void> {
    this.#latest.sort(byPath)
    const folders: string[] = ['']
    let previous: string | undefined
    for (const entry of this.#merged()) {
      const { path, type } = entry
      const parent = parentOf(path)
      while (folders.length > 1 && folders.at(-1) !== parent) folders.pop()
      if (path === previous || folders.at(-1) !== parent) continue
      previous = path
      if (type === 'directory') folders.push(path)
      yield entry
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file.fd)
    this.#file = undefined
    this.#latest = []
    this.#runs = []
  }

  *#merged(): Generator<TreeEntry, void> {
    const sources = [...this.#runs.map((run) => this.#read(run)), this.#latest[Symbol.iterator]()]
    const heads = sources.map((source) => source.next())
    for (;;) {
      let least = -1
      for (const [index, head] of heads.entries()) {
        if (head.done) continue
        const best = heads[least]
        if (best === undefined || best.done || byPath(head.value, best.value) < 0) least = index
      }
      const head = heads[least]
      if (head === undefined || head.done) return
      yield head.value
      heads[least] = (sources[least] as Iterator<TreeEntry>).next()
    }
  }

  #spill(): void {
    try {
      this.#file ??= { fd: openUnnamed(), size: 0 }
      const start = this.#file.size
      this.#latest.sort(byPath)
      for (let at = 0; at < this.#latest.length; at += 1000) {
        const lines = this.#latest.slice(at, at + 1000).map((entry) => `${JSON.stringify(entry)}\n`)
        const bytes = Buffer.from(lines.join(''))
        for (let done = 0; done < bytes.length; ) {
          done += writeSync(this.#file.fd, bytes, done, bytes.length - done, this.#file.size + done)
        }
        this.#file.size += bytes.length
      }
      this.#runs.push({ start, end: this.#file.size })
      this.#latest = []
    } catch (error) {
      throw fromLocalError(error, tmpdir())
    }
  }

  *#read({ start, end }: Run): Generator<TreeEntry, void> {
    let rest = Buffer.alloc(0)
    for (let at = start; at < end; ) {
      const block = Buffer.alloc(Math.min(BLOCK_SIZE, end - at))
      const count = readSync((this.#file as { fd: number }).fd, block, 0, block.length, at)
      if (count === 0)
        throw new FtpError('local-io', `${tmpdir()}: a temporary file was cut off; run it again`)
      at += count
      const bytes = Buffer.concat([rest, block.subarray(0, count)])
      const last = bytes.lastIndexOf(NEWLINE)
      rest = bytes.subarray(last + 1)
      if (last <= 0) continue
      for (const line of bytes.toString('utf8', 0, last).split('\n')) yield JSON.parse(line) as TreeEntry
    }
  }
}

function byPath(a: TreeEntry, b: TreeEntry): number {
  return comparePaths(a.path, b.path)
}

/** A temporary file whose name is gone already, so that nothing stays behind however this process ends. */
function openUnnamed(): number {
  const folder = mkdtempSync(join(tmpdir(), 'jftp-sync-'))
  try {
    return openSync(join(folder, 'entries'), 'wx+', 0o600)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

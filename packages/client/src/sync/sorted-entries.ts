import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { RECORD_END, readRecord, writeRecord } from './entry-record.js'
import { comparePaths, parentOf, type TreeEntry } from './tree-entry.js'

/** Entries kept in memory. More of them are sorted and written to a temporary file, one run after another. */
const RUN_LENGTH = 10_000

/** Bytes of a run that are read at once. */
const BLOCK_SIZE = 4 * 1024

/** Records written at once. */
const WRITE_LENGTH = 500

/** Where one sorted run is in the temporary file. */
interface Run {
  readonly start: number
  readonly end: number
}

/** The next entry of a run, and the rest of the run. */
interface Head {
  entry: TreeEntry
  readonly rest: Iterator<TreeEntry>
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
    /** The least entry is the last one. */
    const heads: Head[] = []
    for (const rest of [...this.#runs.map((run) => this.#read(run)), this.#latest[Symbol.iterator]()]) {
      const first = rest.next()
      if (!first.done) insert(heads, { entry: first.value, rest })
    }
    for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
      yield head.entry
      const next = head.rest.next()
      if (next.done) continue
      head.entry = next.value
      insert(heads, head)
    }
  }

  #spill(): void {
    try {
      this.#file ??= { fd: openUnnamed(), size: 0 }
      const start = this.#file.size
      this.#latest.sort(byPath)
      for (let at = 0; at < this.#latest.length; at += WRITE_LENGTH) {
        const records = this.#latest.slice(at, at + WRITE_LENGTH).map((entry) => `${writeRecord(entry)}\0`)
        const bytes = Buffer.from(records.join(''))
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
    const { fd } = this.#file as { fd: number }
    let rest = Buffer.alloc(0)
    for (let at = start; at < end; ) {
      const block = Buffer.allocUnsafe(Math.min(BLOCK_SIZE, end - at))
      const count = readSync(fd, block, 0, block.length, at)
      if (count === 0) {
        throw new FtpError('local-io', `${tmpdir()}: a temporary file was cut off; run it again`)
      }
      at += count
      const bytes = Buffer.concat([rest, block.subarray(0, count)])
      const last = bytes.lastIndexOf(RECORD_END)
      rest = bytes.subarray(last + 1)
      if (last <= 0) continue
      // Many runs are read at once, so each keeps its records as text until they are needed.
      for (const record of bytes.toString('utf8', 0, last).split('\0')) yield readRecord(record)
    }
  }
}

/** Keeps the heads in order, the greatest one first. */
function insert(heads: Head[], head: Head): void {
  let low = 0
  let high = heads.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (byPath((heads[middle] as Head).entry, head.entry) > 0) low = middle + 1
    else high = middle
  }
  heads.splice(low, 0, head)
}

function byPath(a: TreeEntry, b: TreeEntry): number {
  return comparePaths(a.path, b.path) || unreadableFirst(a) - unreadableFirst(b)
}

/** A folder that was told may turn out to be unreadable, and then nothing in it is reliable. */
function unreadableFirst({ type }: TreeEntry): number {
  return type === 'unreadable' ? 0 : 1
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

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FoundEntry } from '../call-options.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'

/** Entries kept in memory. */
const MAX_KEPT = 10_000

const BLOCK_SIZE = 64 * 1024

const NEWLINE = 0x0a

/**
 * Reads a listing to its end as fast as it comes, whatever pace its reader has: a server ends the connection of a
 * client that does not read for a minute, and to move one large file can take longer. Entries that the reader is far
 * from are written to a temporary file, so memory does not grow with their number.
 */
export async function* spooled(
  source: AsyncIterable<FoundEntry>,
  maxKept: number = MAX_KEPT,
): AsyncGenerator<FoundEntry, void, undefined> {
  for await (const page of spooledPages(source, maxKept)) {
    for (const entry of page) yield entry
  }
}

/** The same in pages of as many entries as have come. An entry costs no promise then. */
export async function* spooledPages(
  source: AsyncIterable<FoundEntry>,
  maxKept: number = MAX_KEPT,
): AsyncGenerator<readonly FoundEntry[], void, undefined> {
  using spool = new Spool(maxKept)
  const entries = source[Symbol.asyncIterator]()
  void fill(spool, entries)
  try {
    for (let next = await spool.next(); next !== undefined; next = await spool.next()) yield next
  } finally {
    // If the reader has left, nobody needs the rest.
    spool.end(undefined)
    await entries.return?.()
  }
}

async function fill(spool: Spool, entries: AsyncIterator<FoundEntry>): Promise<void> {
  try {
    for (let next = await entries.next(); !next.done && !spool.hasEnded; next = await entries.next()) {
      spool.add(next.value)
    }
    spool.end(undefined)
  } catch (error) {
    spool.end(toFtpError(error))
  }
}

/** A queue of entries, of which the first are in memory and the others in a file. */
class Spool implements Disposable {
  readonly #maxKept: number
  #kept: FoundEntry[] = []
  /** Lines that are to be written to the file together. */
  #lines: string[] = []
  #file: SpoolFile | undefined
  #state: { readonly type: 'filling' } | { readonly type: 'ended'; readonly error: FtpError | undefined } = {
    type: 'filling',
  }
  #wake: (() => void) | undefined

  constructor(maxKept: number) {
    this.#maxKept = maxKept
  }

  get hasEnded(): boolean {
    return this.#state.type === 'ended'
  }

  /** Throws what the file system fails with. */
  add(entry: FoundEntry): void {
    const isFileEmpty = this.#lines.length === 0 && (this.#file === undefined || this.#file.isEmpty)
    if (isFileEmpty && this.#kept.length < this.#maxKept) {
      this.#kept.push(entry)
    } else {
      this.#lines.push(encode(entry))
      if (this.#lines.length >= this.#maxKept) this.#flush()
    }
    this.#wake?.()
  }

  /** Nothing more is added; `error` is why, if something failed. */
  end(error: FtpError | undefined): void {
    if (this.#state.type === 'filling') this.#state = { type: 'ended', error }
    this.#wake?.()
  }

  /** The next entries; undefined after the last. Throws what the listing failed with, after the last. */
  async next(): Promise<FoundEntry[] | undefined> {
    for (;;) {
      const entries = this.#take()
      if (entries.length > 0) return entries
      if (this.#state.type === 'ended') {
        if (this.#state.error !== undefined) throw this.#state.error
        return undefined
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close()
  }

  #take(): FoundEntry[] {
    if (this.#kept.length > 0) {
      const kept = this.#kept
      this.#kept = []
      return kept
    }
    if (this.#file !== undefined && !this.#file.isEmpty) return this.#file.read().map(decode)
    const lines = this.#lines
    this.#lines = []
    return lines.map(decode)
  }

  #flush(): void {
    this.#file ??= new SpoolFile()
    this.#file.append(this.#lines)
    this.#lines = []
  }
}

/** Lines in a temporary file that has no name any more, so that nothing of it is left, however this process ends. */
class SpoolFile {
  readonly #fd: number
  /** What is written and read goes through the same memory, so that no garbage piles up outside V8's heap. */
  #block = Buffer.allocUnsafe(BLOCK_SIZE)
  /** Bytes in it that are still to be written. */
  #blockSize = 0
  #written = 0
  #read = 0

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'jftp-tree-'))
    try {
      this.#fd = openSync(join(folder, 'entries'), 'wx+', 0o600)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  get isEmpty(): boolean {
    return this.#read === this.#written
  }

  append(lines: readonly string[]): void {
    // Where all has been read, the file begins anew and does not grow for ever.
    if (this.isEmpty) {
      this.#read = 0
      this.#written = 0
    }
    for (const line of lines) {
      const text = `${line}\n`
      const size = Buffer.byteLength(text)
      if (size > this.#block.length - this.#blockSize) this.#flush()
      if (size > this.#block.length) this.#block = Buffer.allocUnsafe(size)
      this.#blockSize += this.#block.write(text, this.#blockSize)
    }
    this.#flush()
  }

  /** The next lines, at least one. */
  read(): string[] {
    for (let size = BLOCK_SIZE; ; size *= 2) {
      if (size > this.#block.length) this.#block = Buffer.allocUnsafe(size)
      const block = this.#block
      const count = readSync(this.#fd, block, 0, Math.min(size, this.#written - this.#read), this.#read)
      const end = block.lastIndexOf(NEWLINE, count - 1)
      if (end === -1) continue
      this.#read += end + 1
      return block.toString('utf8', 0, end).split('\n')
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #flush(): void {
    try {
      for (let at = 0; at < this.#blockSize; ) {
        const count = writeSync(this.#fd, this.#block, at, this.#blockSize - at, this.#written)
        at += count
        this.#written += count
      }
    } catch (error) {
      throw fromLocalError(error, tmpdir())
    }
    this.#blockSize = 0
  }
}

function encode(entry: FoundEntry): string {
  if (entry.type !== 'unreadable') return JSON.stringify(entry)
  const { code, message } = entry.error
  return JSON.stringify({ ...entry, error: { code, message } })
}

function decode(line: string): FoundEntry {
  const entry = JSON.parse(line) as FoundEntry
  if (entry.type !== 'unreadable') return entry
  const { code, message } = entry.error
  return { ...entry, error: new FtpError(code, message, { path: entry.path }) }
}

import type { Readable } from 'node:stream'
import { SocketServerError } from '../socket-server-error.js'
import { withinDeadline } from './deadline.js'

/** Lines are cut at this length unless the caller says otherwise, bytes: memory must not depend on the peer. */
const LINE_LIMIT = 64 * 1024

/**
 * `rfile`: buffered reading from a request. Everything that reads resolves with an empty `Buffer`, or with less
 * than asked for, only at the end of the stream, and rejects if the connection fails. One call at a time.
 */
export class StreamReader implements AsyncIterable<Buffer> {
  readonly #request: Readable
  readonly #timeout: number | null
  #chunks: AsyncIterator<Buffer> | undefined
  #pending: Promise<IteratorResult<Buffer>> | undefined
  /** What has come and was not asked for, in order; never an empty chunk. */
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(request: Readable, timeout: number | null) {
    this.#request = request
    this.#timeout = timeout
  }

  /** What is there, at least one byte and at most `limit`; without a limit, whatever comes next. */
  async read(limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
    if (this.#heldBytes === 0 && !(await this.#fill())) return Buffer.alloc(0)
    return this.#take(Math.min(limit, this.#held[0]?.byteLength ?? 0))
  }

  /** Everything up to the end of the stream: only for peers that are trusted to send little. */
  async readAll(): Promise<Buffer> {
    while (await this.#fill());
    return this.#take(this.#heldBytes)
  }

  /** Exactly so many bytes; rejects with `INCOMPLETE` if the stream ends before. */
  async readExactly(bytes: number): Promise<Buffer> {
    while (this.#heldBytes < bytes) {
      if (await this.#fill()) continue
      const got = this.#heldBytes
      throw new SocketServerError('INCOMPLETE', `the connection ended after ${got} of ${bytes} bytes`)
    }
    return this.#take(bytes)
  }

  /** A line with its `\n`; without it if the stream ended, or after `limit` bytes, before it came. */
  async readLine(limit = LINE_LIMIT): Promise<Buffer> {
    return await this.readUntil('\n', limit)
  }

  /** As `readLine` with another last character, one of ASCII. */
  async readUntil(last: string, limit = LINE_LIMIT): Promise<Buffer> {
    const code = last.charCodeAt(0)
    let searched = 0
    let chunk = 0
    for (;;) {
      for (; chunk < this.#held.length; chunk += 1) {
        const held = this.#held[chunk] as Buffer
        const at = held.indexOf(code)
        if (at >= 0) return this.#take(Math.min(limit, searched + at + 1))
        searched += held.byteLength
      }
      if (searched >= limit || !(await this.#fill())) return this.#take(Math.min(limit, this.#heldBytes))
    }
  }

  /** Line after line. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (let line = await this.readLine(); line.byteLength > 0; line = await this.readLine()) yield line
  }

  /** Waits for the next chunk; false at the end of the stream. */
  async #fill(): Promise<boolean> {
    // destroyOnReturn: reading to the end must not destroy a connection that still has to be written to.
    this.#chunks ??= this.#request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]()
    this.#pending ??= this.#chunks.next()
    const { done, value } = await withinDeadline(this.#pending, this.#timeout, 'reading')
    if (done) return false
    this.#pending = undefined
    if (value.byteLength > 0) this.#held.push(value)
    this.#heldBytes += value.byteLength
    return true
  }

  #take(bytes: number): Buffer {
    const taken: Buffer[] = []
    let missing = bytes
    while (missing > 0) {
      const chunk = this.#held[0] as Buffer
      taken.push(chunk.subarray(0, missing))
      if (chunk.byteLength > missing) this.#held[0] = chunk.subarray(missing)
      else this.#held.shift()
      missing -= Math.min(missing, chunk.byteLength)
    }
    this.#heldBytes -= bytes
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken)
  }
}

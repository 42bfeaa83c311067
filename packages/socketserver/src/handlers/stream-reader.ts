import type { Readable } from 'node:stream'
import { SocketServerError } from '../socket-server-error.js'
import { withinDeadline } from './deadline.js'

/** Default for the longest line, in bytes. Without a limit the peer would decide how much memory a line takes. */
const LINE_LIMIT = 64 * 1024

/**
 * `rfile`: buffered reading from a request. At the end of the stream a read resolves with what is left, which may
 * be an empty `Buffer`. A read rejects if the connection fails. Only one read may be under way at a time.
 */
export class StreamReader implements AsyncIterable<Buffer> {
  readonly #request: Readable
  readonly #timeout: number | null
  #chunks: AsyncIterator<Buffer> | undefined
  #pending: Promise<IteratorResult<Buffer>> | undefined
  /** Chunks that have come and were not read yet, in order. None of them is empty. */
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(request: Readable, timeout: number | null) {
    this.#request = request
    this.#timeout = timeout
  }

  /** Reads the bytes that are there, at least one and at most `limit`. Waits if there are none. */
  async read(limit = Number.POSITIVE_INFINITY): Promise<Buffer> {
    if (this.#heldBytes === 0 && !(await this.#fill())) return Buffer.alloc(0)
    return this.#take(Math.min(limit, this.#held[0]?.byteLength ?? 0))
  }

  /** Reads to the end of the stream without any limit, so use it only if the peer is trusted to send little. */
  async readAll(): Promise<Buffer> {
    while (await this.#fill());
    return this.#take(this.#heldBytes)
  }

  /** Reads exactly this number of bytes. Rejects with `INCOMPLETE` if the stream ends before. */
  async readExactly(bytes: number): Promise<Buffer> {
    while (this.#heldBytes < bytes) {
      if (await this.#fill()) continue
      const got = this.#heldBytes
      throw new SocketServerError('INCOMPLETE', `the connection ended after ${got} of ${bytes} bytes`)
    }
    return this.#take(bytes)
  }

  /** Reads a line with its `\n`. The `\n` is missing if the stream ends first or the line is longer than `limit`. */
  async readLine(limit = LINE_LIMIT): Promise<Buffer> {
    return await this.readUntil('\n', limit)
  }

  /** Like `readLine`, but the line ends with `last`, which must be one ASCII character. */
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

  /** Reads line after line. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (let line = await this.readLine(); line.byteLength > 0; line = await this.readLine()) yield line
  }

  /** Waits for the next chunk; false at the end of the stream. */
  async #fill(): Promise<boolean> {
    // `destroyOnReturn: false`, because an answer may still be written after everything was read.
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

import { finished, type Readable } from 'node:stream'
import { SocketServerError } from '../socket-server-error.js'
import { withinDeadline } from './deadline.js'

/** Default for the longest line, in bytes. Without a limit the peer would decide how much memory a line takes. */
const LINE_LIMIT = 64 * 1024

type End = { readonly type: 'in order' } | { readonly type: 'failed'; readonly error: Error }

/**
 * `rfile`: buffered reading from a request. At the end of the stream a read resolves with what is left, which may
 * be an empty `Buffer`. If the connection fails, reads first resolve with what had arrived before, and then reject.
 * Only one read may be under way at a time.
 */
export class StreamReader implements AsyncIterable<Buffer> {
  readonly #request: Readable
  readonly #timeout: number | null
  #isWatching = false
  #end: End | undefined
  /** Resolves the promise of the read that waits. */
  #wake: (() => void) | undefined
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
    this.#watch()
    for (;;) {
      const chunk = this.#next()
      if (chunk) {
        this.#held.push(chunk)
        this.#heldBytes += chunk.byteLength
        return true
      }
      if (this.#end?.type === 'in order') return false
      if (this.#end?.type === 'failed') throw this.#end.error
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      await withinDeadline(changed, this.#timeout, 'reading')
    }
  }

  /**
   * Takes what the stream holds. It also holds what had arrived before its connection failed. If this side has closed
   * the connection, the handler is to end, so nothing is taken.
   */
  #next(): Buffer | null {
    const isClosedHere = this.#request.destroyed && this.#request.errored === null
    return isClosedHere ? null : this.#request.read()
  }

  /** The stream's own iterator is not used, because it drops what the stream holds when the connection fails. */
  #watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    this.#request.on('readable', () => this.#wake?.())
    finished(this.#request, { writable: false }, (error) => {
      this.#end = error ? { type: 'failed', error } : { type: 'in order' }
      this.#wake?.()
    })
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

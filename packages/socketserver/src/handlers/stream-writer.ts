import { once } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { SocketServerError } from '../socket-server-error.js'
import { sendOwned } from '../threads/send-owned.js'
import { withinDeadline } from './deadline.js'

/** Size in bytes of the two buffers that send a file: one is read into while the other is sent. */
const FILE_BUFFER_SIZE = 256 * 1024

/** The bytes of a file to send: from `start` (included) to `end` (excluded). */
export interface FilePart {
  readonly start?: number
  readonly end?: number
}

/** `wfile`: writes to a request with back-pressure. `write` sends at once and holds nothing back. */
export class StreamWriter {
  readonly #request: Duplex
  readonly #timeout: number | null
  /** The last write's promise. Writes finish in order, so it stands for all of them. */
  #sent: Promise<void> = Promise.resolve()

  constructor(request: Duplex, timeout: number | null) {
    this.#request = request
    this.#timeout = timeout
  }

  /**
   * Sends the bytes, or a string as UTF-8. Resolves with the number of bytes as soon as the connection can take
   * more. Usually at once; if the peer is slow, after these bytes are sent. `flush` waits for everything.
   */
  async write(data: Uint8Array | string): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    let room = false
    this.#sent = new Promise((resolve, reject) => {
      room = this.#request.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
    this.#sent.catch(ignore)
    if (!room) await this.flush()
    return bytes.byteLength
  }

  /**
   * Sends a file, or a part of it, without a copy. Resolves with the number of bytes when the kernel has taken them
   * all. The number is smaller than asked for if the file is shorter. A `FileHandle` stays open.
   */
  async sendFile(
    file: string | URL | FileHandle,
    { start = 0, end = Infinity }: FilePart = {},
  ): Promise<number> {
    if (typeof file === 'object' && 'fd' in file) return await this.#sendHandle(file, start, end)
    const handle = await open(file)
    try {
      return await this.#sendHandle(handle, start, end)
    } finally {
      await handle.close()
    }
  }

  /** Resolves when the kernel has taken everything that was written; rejects if the connection fails before. */
  async flush(): Promise<void> {
    await withinDeadline(this.#sent, this.#timeout, 'writing')
  }

  async #sendHandle(handle: FileHandle, start: number, end: number): Promise<number> {
    const size = Math.min(FILE_BUFFER_SIZE, Math.max(end - start, 1))
    const free = [Promise.resolve(new ArrayBuffer(size)), Promise.resolve(new ArrayBuffer(size))]
    const over = new AbortController()
    const gone = closed(this.#request, over.signal)
    gone.catch(ignore)
    let position = start
    try {
      while (position < end) {
        const sent = Promise.race([free.shift() as Promise<ArrayBuffer>, gone])
        const buffer = await withinDeadline(sent, this.#timeout, 'writing')
        const length = Math.min(buffer.byteLength, end - position)
        const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, length, position)
        if (bytesRead === 0) break
        position += bytesRead
        const bytes = new Uint8Array(buffer, 0, bytesRead)
        free.push(new Promise((resolve) => sendOwned(this.#request, bytes, resolve)))
      }
      await withinDeadline(Promise.race([Promise.all(free), gone]), this.#timeout, 'writing')
    } finally {
      over.abort()
    }
    return position - start
  }
}

/** Rejects when the connection closes. */
async function closed(request: Duplex, signal: AbortSignal): Promise<never> {
  if (!request.closed) await once(request, 'close', { signal })
  throw (
    request.errored ?? new SocketServerError('CLOSED', 'the connection was closed before the file was sent')
  )
}

function ignore(): void {}

import type { Duplex } from 'node:stream'
import { withinDeadline } from './deadline.js'

/** `wfile`: writing to a request with back-pressure. Nothing is held back: `write` sends. */
export class StreamWriter {
  readonly #request: Duplex
  readonly #timeout: number | null
  /** Of the last write; as they are sent in order, of all. */
  #sent: Promise<void> = Promise.resolve()

  constructor(request: Duplex, timeout: number | null) {
    this.#request = request
    this.#timeout = timeout
  }

  /**
   * Sends the bytes, a string as UTF-8. Resolves with their number as soon as the connection can take more: at
   * once mostly, with a slow peer when these have been sent. `flush` tells when really all are.
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

  /** Resolves when the kernel has taken everything written, rejects if the connection fails before. */
  async flush(): Promise<void> {
    await withinDeadline(this.#sent, this.#timeout, 'writing')
  }
}

function ignore(): void {}

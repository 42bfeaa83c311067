/** `wfile` of a datagram handler: gathers what is written into one datagram. */
export class DatagramWriter {
  readonly #parts: Uint8Array[] = []

  /** Resolves with the number of bytes. A string is encoded as UTF-8. */
  async write(data: Uint8Array | string): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data)
    this.#parts.push(bytes)
    return bytes.byteLength
  }

  /** Does nothing: the datagram is sent when the handler has returned. */
  async flush(): Promise<void> {}

  getValue(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** `wfile` of a datagram handler: gathers what will be one datagram. */
export class DatagramWriter {
  readonly #parts: Uint8Array[] = []

  /** Resolves with the number of bytes, a string counted as UTF-8. */
  async write(data: Uint8Array | string): Promise<number> {
    const bytes = typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data)
    this.#parts.push(bytes)
    return bytes.byteLength
  }

  /** Does nothing: the datagram leaves when the handler has returned. */
  async flush(): Promise<void> {}

  getValue(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

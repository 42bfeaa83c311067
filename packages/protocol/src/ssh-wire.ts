import { Buffer } from 'node:buffer'
import { ProtocolError } from './protocol-error.js'

/** The encoding that SSH has for its keys and signatures (RFC 4251): strings with their length before them. */

/** Strings one after the other, each with its length in four bytes before it. */
export function encodeSshStrings(...strings: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    strings.flatMap((text) => {
      const bytes = Buffer.from(text as string)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

/** Reads such strings, and numbers, from bytes that a stranger may have made. Throws `bad-request` if they end too soon. */
export class SshReader {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length
  }

  /** So many bytes, as a view. */
  bytes(length: number): Buffer {
    const end = this.#position + length
    if (end > this.#bytes.length) throw new ProtocolError('bad-request', 'it is cut off')
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE()
  }

  string(): Buffer {
    return this.bytes(this.uint32())
  }

  text(): string {
    return this.string().toString()
  }

  /** A number that is not negative, without zeros before it. */
  integer(): Buffer {
    const bytes = this.string()
    const first = bytes.findIndex((byte) => byte !== 0)
    return bytes.subarray(first < 0 ? bytes.length : first)
  }
}

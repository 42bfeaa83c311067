import { StreamUpload } from './stream-upload.js'
import type { UploadBody, UploadSource } from './upload-source.js'

/** Bytes in memory. Nobody may write to them until the put is done. */
export class BytesUpload implements UploadSource {
  readonly local = undefined
  readonly #bytes: Uint8Array

  readonly #maxWhole: number

  /** More bytes than `maxWhole` are sent in pieces. */
  constructor(bytes: Uint8Array, maxWhole: number) {
    this.#bytes = bytes
    this.#maxWhole = maxWhole
  }

  abandon(): void {}

  open(): UploadBody {
    const bytes = this.#bytes
    if (bytes.length > this.#maxWhole) return new StreamUpload(once(bytes), bytes.length)
    return { type: 'whole', size: bytes.length, facts: undefined, fill: (target) => target.set(bytes) }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

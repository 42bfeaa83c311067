import { MAX_EAGER_SIZE } from '@jftp/protocol'
import { StreamUpload } from './stream-upload.js'
import type { UploadBody, UploadSource } from './upload-source.js'

/** Bytes in memory. Nobody may write to them until the put is done. */
export class BytesUpload implements UploadSource {
  readonly local = undefined
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  abandon(): void {}

  open(): UploadBody {
    const bytes = this.#bytes
    if (bytes.length > MAX_EAGER_SIZE) return new StreamUpload(once(bytes), bytes.length)
    return { type: 'whole', size: bytes.length, facts: undefined, fill: (target) => target.set(bytes) }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

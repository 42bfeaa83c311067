import { type Digest, ProtocolError, type RequestOf } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { CommitOutcome, Pause, Storage, Upload } from '../storage/storage.js'

/**
 * If the file that `upload` would replace has its size, returns an upload that ends as `unchanged` if its content is
 * the same too. Otherwise returns `upload` as it is.
 */
export async function compareWithStored(
  upload: Upload,
  storage: Storage,
  path: string,
  { size, digest, onExists, eager }: RequestOf<'put'>,
  pause: Pause,
): Promise<Upload> {
  if (size === undefined || onExists !== 'overwrite') return upload
  const stored = await summaryOf(storage, path, size, digest === 'none' ? 'md5' : digest, pause)
  if (stored === undefined) return upload
  if (!eager) return new KnownUpload(upload, path, stored, digest === 'none' ? { size } : stored)
  return digest === 'none' ? upload : new EagerUpload(upload, path, stored)
}

/** Undefined if there is no such file of that size, or if this visitor may not read it. */
async function summaryOf(
  storage: Storage,
  path: string,
  size: number,
  algorithm: Digest['alg'],
  pause: Pause,
): Promise<TransferSummary | undefined> {
  try {
    const entry = await storage.stat(path, 'follow')
    if (entry.type !== 'file' || entry.size !== size) return undefined
    return { size, digest: await storage.digest(path, algorithm, pause) }
  } catch {
    return undefined
  }
}

/** Begins as the file that is there. The client compares, and sends no bytes if it has the same. */
class KnownUpload implements Upload {
  readonly start: TransferSummary
  readonly #upload: Upload
  readonly #path: string
  readonly #passed: TransferSummary

  constructor(upload: Upload, path: string, stored: TransferSummary, passed: TransferSummary) {
    this.start = stored
    this.#upload = upload
    this.#path = path
    this.#passed = passed
  }

  write(): void {
    throw new ProtocolError('size-mismatch', 'more bytes came than were announced')
  }

  finish(): TransferSummary {
    return this.#passed
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    void endAsUnchanged(this.#upload, this.#path, done)
  }

  keep() {
    return this.#upload.discard()
  }

  discard() {
    return this.#upload.discard()
  }
}

/** Its bytes came at once. They are compared when all are there, and dropped if the file has the same. */
class EagerUpload implements Upload {
  readonly start = undefined
  readonly #upload: Upload
  readonly #path: string
  readonly #stored: TransferSummary
  #isEqual = false

  constructor(upload: Upload, path: string, stored: TransferSummary) {
    this.#upload = upload
    this.#path = path
    this.#stored = stored
  }

  write(pieces: Uint8Array[]) {
    return this.#upload.write(pieces)
  }

  async finish(): Promise<TransferSummary> {
    const passed = await this.#upload.finish()
    this.#isEqual = passed.digest !== undefined && passed.digest.hex === this.#stored.digest?.hex
    return passed
  }

  commit(done: (outcome: CommitOutcome) => void): void {
    if (this.#isEqual) void endAsUnchanged(this.#upload, this.#path, done)
    else this.#upload.commit(done)
  }

  keep() {
    return this.#upload.keep()
  }

  discard() {
    return this.#upload.discard()
  }
}

async function endAsUnchanged(
  upload: Upload,
  path: string,
  done: (outcome: CommitOutcome) => void,
): Promise<void> {
  await upload.discard()
  done({ type: 'unchanged', path })
}

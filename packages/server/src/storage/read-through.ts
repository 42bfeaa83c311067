import { setImmediate } from 'node:timers/promises'
import { type Digest, type DigestAlgorithm, prepareDigest } from '@jftp/protocol'
import { PIECE_SIZE } from '@jftp/transfer'
import type { CommitOutcome, CopyOutcome, Storage, Upload, UploadOptions } from './storage.js'

/** A digest for a storage that keeps none: the file is read to its end. */
export async function digestByReading(
  storage: Storage,
  path: string,
  algorithm: DigestAlgorithm,
): Promise<Digest | undefined> {
  await prepareDigest(algorithm)
  const download = await storage.openDownload(path, { digest: algorithm })
  try {
    const memory = new Uint8Array(PIECE_SIZE)
    while ((await download.read(memory)) > 0) await setImmediate()
    return (await download.finish()).digest
  } finally {
    await download.close()
  }
}

/** A copy for a storage that has no faster way: the file is read and stored again. */
export async function copyByReading(
  storage: Storage,
  from: string,
  to: string,
  onExists: UploadOptions['onExists'],
): Promise<CopyOutcome> {
  const download = await storage.openDownload(from, { digest: 'none' })
  try {
    const { size, mode } = download.entry
    const upload = await storage.openUpload(to, { digest: 'none', size, createMode: mode, onExists })
    if (upload === 'skipped') return { type: 'skipped' }
    await fill(upload, async (memory) => {
      const count = await download.read(memory)
      if (count === 0) await download.finish()
      return count
    })
    const outcome = await new Promise<CommitOutcome>((resolve) => upload.commit(resolve))
    if (outcome.type === 'failed') throw outcome.error
    return outcome
  } finally {
    await download.close()
  }
}

/** Writes what `read` gives until it gives nothing; discards the upload if that fails. */
async function fill(upload: Upload, read: (memory: Uint8Array) => Promise<number>): Promise<void> {
  try {
    for (;;) {
      const memory = new Uint8Array(PIECE_SIZE)
      const count = await read(memory)
      if (count === 0) break
      await upload.write([memory.subarray(0, count)])
      await setImmediate()
    }
    await upload.finish()
  } catch (error) {
    await upload.discard()
    throw error
  }
}

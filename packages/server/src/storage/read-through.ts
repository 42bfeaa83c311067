import type { Digest } from '@jftp/protocol'
import type { CommitOutcome, CopyOptions, CopyOutcome, Download, Pause, Storage, Upload } from './storage.js'

/** Bytes that are read and digested, or read and written, without a pause. */
const DIGESTED_PIECE = 128 * 1024
const COPIED_PIECE = 256 * 1024

/** The digest of a file that has been opened for it: it is read to its end and closed. */
export async function digestByReading(download: Download, pause: Pause): Promise<Digest | undefined> {
  try {
    const memory = new Uint8Array(Math.min(DIGESTED_PIECE, Math.max(1, download.left ?? DIGESTED_PIECE)))
    while ((await download.read(memory)) > 0) await pause()
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
  { onExists, preserve, pause }: CopyOptions,
): Promise<CopyOutcome> {
  await pause()
  const download = await storage.openDownload(from, { digest: 'none' })
  try {
    const { size, mode, mtime } = download.entry
    const facts = preserve === 'times-and-mode' ? { mode, mtime } : { createMode: mode }
    const upload = await storage.openUpload(to, { digest: 'none', size, onExists, ...facts })
    if (upload === 'skipped') return { type: 'skipped' }
    await fill(upload, async (memory) => {
      await pause()
      const count = await download.read(memory)
      if (count === 0) await download.finish()
      return count
    })
    const outcome = await new Promise<CommitOutcome>((resolve) => upload.commit(resolve))
    if (outcome.type === 'failed') throw outcome.error
    if (outcome.type === 'unchanged') throw new Error('only an upload that is resumed is compared')
    return outcome.type === 'stored' ? { ...outcome, size } : outcome
  } finally {
    await download.close()
  }
}

/** Writes what `read` gives until it gives nothing; discards the upload if that fails. */
async function fill(upload: Upload, read: (memory: Uint8Array) => Promise<number>): Promise<void> {
  try {
    for (;;) {
      const memory = new Uint8Array(COPIED_PIECE)
      const count = await read(memory)
      if (count === 0) break
      await upload.write([memory.subarray(0, count)])
    }
    await upload.finish()
  } catch (error) {
    await upload.discard()
    throw error
  }
}

import { FRAME_HEADER_SIZE, ProtocolError } from '@jftp/protocol'
import type { DiskStorage } from '../src/storage/disk-storage.js'
import type { CommitOutcome, Upload, UploadOptions } from '../src/storage/storage.js'

type Options = Partial<UploadOptions>

/** An upload begun and not ended. Throws if the storage skips it or makes it wait. */
export function begin(storage: DiskStorage, path: string, options: Options = {}): Upload {
  const upload = storage.openUpload(path, { digest: 'md5', onExists: 'overwrite', ...options })
  if (upload === 'skipped') throw new Error(`${path} was skipped`)
  if (upload instanceof Promise) throw new Error(`an earlier upload to ${path} is being committed`)
  return upload
}

/** Gives a begun upload its content and its name. */
export async function complete(upload: Upload, content: string): Promise<CommitOutcome> {
  await upload.write([Buffer.from(content)])
  await upload.finish()
  return new Promise((resolve) => upload.commit(resolve))
}

/** A whole upload. */
export async function store(
  storage: DiskStorage,
  path: string,
  content: string,
  options: Options = {},
): Promise<CommitOutcome> {
  const upload = await storage.openUpload(path, { digest: 'md5', onExists: 'overwrite', ...options })
  return upload === 'skipped' ? { status: 'skipped' } : complete(upload, content)
}

/** A whole download, as text. */
export async function load(storage: DiskStorage, path: string): Promise<string> {
  const download = storage.openDownload(path, 'md5')
  try {
    const pieces: Buffer[] = []
    for (let piece = await download.source.read(); piece !== undefined; piece = await download.source.read())
      pieces.push(Buffer.from(piece.frame.subarray(FRAME_HEADER_SIZE)))
    await download.source.finish()
    return Buffer.concat(pieces).toString()
  } finally {
    await download.close()
  }
}

/** The names a folder is listed with, in order of the alphabet. */
export async function names(storage: DiskStorage, path: string): Promise<string[]> {
  const listing = storage.list(path)
  try {
    const found: string[] = []
    for await (const page of listing.pages) found.push(...page.map((entry) => entry.name))
    return found.sort()
  } finally {
    await listing.close()
  }
}

/** The code of the ProtocolError that `act` throws; `none` where it throws none. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act()
    return 'none'
  } catch (error) {
    if (error instanceof ProtocolError) return error.code
    throw error
  }
}

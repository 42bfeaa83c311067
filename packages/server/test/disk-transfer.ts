import { ProtocolError } from '@jftp/protocol'
import { DiskRoot, type DiskRootOptions } from '../src/storage/disk-root.js'
import { DiskStorage } from '../src/storage/disk-storage.js'
import type { CommitOutcome, Storage, Upload, UploadOptions } from '../src/storage/storage.js'
import { PERMISSIONS, Permissions } from '../src/visitors/permissions.js'

type Options = Partial<UploadOptions>

const everything = new Permissions('anonymous', [{ path: '/', allows: PERMISSIONS }])

/** A folder as the storage of somebody who may do everything, or what `permissions` say. */
export class TestDisk extends DiskStorage {
  readonly #root: DiskRoot

  /** However little comes of an upload that is cut, it is kept unless `options` say otherwise. */
  constructor(path: string, permissions = everything, options: DiskRootOptions = {}) {
    const root = new DiskRoot(path, { minPartialSize: 1, ...options })
    super(root, permissions)
    this.#root = root
  }

  close(): void {
    this.#root.close()
  }
}

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
  storage: Storage,
  path: string,
  content: string,
  options: Options = {},
): Promise<CommitOutcome> {
  const upload = await storage.openUpload(path, { digest: 'md5', onExists: 'overwrite', ...options })
  return upload === 'skipped' ? { type: 'skipped' } : complete(upload, content)
}

/** A whole download, as text. */
export async function load(storage: Storage, path: string, offset?: number): Promise<string> {
  const download = await storage.openDownload(path, { digest: 'md5', offset })
  try {
    const pieces: Buffer[] = []
    for (;;) {
      const memory = Buffer.alloc(1000)
      const count = await download.read(memory)
      if (count === 0) break
      pieces.push(memory.subarray(0, count))
    }
    await download.finish()
    return Buffer.concat(pieces).toString()
  } finally {
    await download.close()
  }
}

/** The names a folder is listed with, in order of the alphabet. */
export async function names(storage: Storage, path: string): Promise<string[]> {
  const listing = await storage.list(path)
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

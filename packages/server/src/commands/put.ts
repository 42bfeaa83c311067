import { type Entry, ProtocolError, type RequestOf, remoteDirname } from '@jftp/protocol'
import type { Pause, Storage, Upload, UploadOptions } from '../storage/storage.js'
import type { CommandHandler } from './command-handler.js'
import { compareWithStored } from './compared-upload.js'

export const put: CommandHandler<'put'> = {
  name: 'put',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, { storage, resolve, pause }) {
    const path = resolve(args.path)
    const { onExists, sourceTime } = args
    if (onExists !== 'newer') {
      const upload = await openUpload(storage, path, { ...args, onExists })
      return { path, upload: await compare(upload, storage, path, args, pause) }
    }
    if (sourceTime === undefined) {
      throw new ProtocolError('bad-request', "malformed put request: 'newer' needs 'sourceTime'")
    }
    const existing = await existingFile(storage, path)
    if (existing !== undefined && existing.mtime >= sourceTime) return { path, upload: 'skipped' }
    return { path, upload: await openUpload(storage, path, { ...args, onExists: 'overwrite' }) }
  },
}

/** To look first whether the folder is there would cost every upload of a tree another walk. */
async function openUpload(
  storage: Storage,
  path: string,
  { eager, parents, ...args }: UploadOptions & Pick<RequestOf<'put'>, 'eager' | 'parents'>,
): Promise<Upload | 'skipped'> {
  // The body of an eager upload is on its way already, from its first byte on.
  const options = { ...args, resume: args.resume && !eager }
  try {
    return await storage.openUpload(path, options)
  } catch (error) {
    if (!isNotFound(error) || !parents) throw error
    await storage.makeFolder(remoteDirname(path), 'make-parents')
    return storage.openUpload(path, options)
  }
}

/** If there was nothing to go on with, the file may be there already. */
async function compare(
  upload: Upload | 'skipped',
  storage: Storage,
  path: string,
  args: RequestOf<'put'>,
  pause: Pause,
): Promise<Upload | 'skipped'> {
  if (upload === 'skipped' || upload.start !== undefined || !args.resume) return upload
  return compareWithStored(upload, storage, path, args, pause)
}

/** The file that `path` leads to; undefined if there is none. */
async function existingFile(storage: Storage, path: string): Promise<Entry | undefined> {
  try {
    const entry = await storage.stat(path, 'follow')
    return entry.type === 'file' ? entry : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === 'not-found'
}

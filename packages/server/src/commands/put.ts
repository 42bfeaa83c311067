import { type Entry, ProtocolError, type RequestOf, remoteDirname } from '@jftp/protocol'
import type { Awaitable, Pause, Storage, Upload, UploadOptions } from '../storage/storage.js'
import type { CommandContext, CommandHandler } from './command-handler.js'
import { compareWithStored } from './compared-upload.js'

interface OpenedUpload {
  readonly path: string
  readonly upload: Upload | 'skipped'
}

export const put: CommandHandler<'put'> = {
  name: 'put',
  needsLogin: true,
  isAlwaysLogged: false,
  run(args, context) {
    const path = context.resolve(args.path)
    const { onExists } = args
    if (onExists === 'newer') return openIfNewer(path, args, context)
    const opening = openUpload(context.storage, path, { ...args, onExists })
    // A promise for each small file would cost time.
    if (!(opening instanceof Promise) && !args.resume) return { path, upload: opening }
    return openCompared(opening, path, args, context)
  },
}

async function openIfNewer(
  path: string,
  args: RequestOf<'put'>,
  { storage }: CommandContext,
): Promise<OpenedUpload> {
  const { sourceTime } = args
  if (sourceTime === undefined) {
    throw new ProtocolError('bad-request', "malformed put request: 'newer' needs 'sourceTime'")
  }
  const existing = await existingFile(storage, path)
  if (existing !== undefined && existing.mtime >= sourceTime) return { path, upload: 'skipped' }
  return { path, upload: await openUpload(storage, path, { ...args, onExists: 'overwrite' }) }
}

async function openCompared(
  opening: Awaitable<Upload | 'skipped'>,
  path: string,
  args: RequestOf<'put'>,
  { storage, pause }: CommandContext,
): Promise<OpenedUpload> {
  return { path, upload: await compare(await opening, storage, path, args, pause) }
}

/** To look first whether the folder is there would cost every upload of a tree another walk. */
function openUpload(
  storage: Storage,
  path: string,
  { eager, parents, ...args }: UploadOptions & Pick<RequestOf<'put'>, 'eager' | 'parents'>,
): Awaitable<Upload | 'skipped'> {
  // The body of an eager upload is on its way already, from its first byte on.
  const options = { ...args, resume: args.resume && !eager }
  const openInNewFolder = async (error: unknown) => {
    if (!isNotFound(error) || !parents) throw error
    await storage.makeFolder(remoteDirname(path), 'make-parents')
    return storage.openUpload(path, options)
  }
  try {
    const opening = storage.openUpload(path, options)
    return opening instanceof Promise ? opening.catch(openInNewFolder) : opening
  } catch (error) {
    return openInNewFolder(error)
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

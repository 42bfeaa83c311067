import type { AckOf } from '@jftp/protocol'
import type { Download } from '../storage/storage.js'
import type { CommandHandler, Outgoing } from './command-handler.js'

export const get: CommandHandler<'get'> = {
  name: 'get',
  needsLogin: true,
  isAlwaysLogged: false,
  run(args, { storage, resolve }) {
    const path = resolve(args.path)
    const { digest, offset, length, prefix, size: expectedSize, mtime: expectedMtime } = args
    const resume = prefix && { offset, digest: prefix, size: expectedSize, mtime: expectedMtime }
    const opening = storage.openDownload(path, { digest, offset, length, resume })
    return opening instanceof Promise
      ? opening.then((download) => answerOf(path, download))
      : answerOf(path, opening)
  },
}

function answerOf(path: string, source: Download): Outgoing<AckOf<'get'>> {
  const { entry, offset } = source
  const { size, mtime, mode } = entry
  return { facts: { path, size, mtime, mode, ...(offset > 0 ? { offset } : {}) }, source }
}

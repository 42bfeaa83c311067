import type { CommandHandler } from './command-handler.js'

export const get: CommandHandler<'get'> = {
  name: 'get',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    const { digest, offset, length, prefix, size: expectedSize, mtime: expectedMtime } = args
    const resume = prefix && { offset, digest: prefix, size: expectedSize, mtime: expectedMtime }
    const download = await storage.openDownload(path, { digest, offset, length, resume })
    const { size, mtime, mode } = download.entry
    return {
      facts: { path, size, mtime, mode, ...(download.offset > 0 ? { offset: download.offset } : {}) },
      source: download,
    }
  },
}

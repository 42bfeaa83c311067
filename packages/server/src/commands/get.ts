import { prepareDigest } from '@jftp/protocol'
import type { CommandHandler } from './command-handler.js'

export const get: CommandHandler<'get'> = {
  name: 'get',
  needsLogin: true,
  changesNames: false,
  help: 'send a file',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await prepareDigest(args.digest)
    const download = await storage.openDownload(path, { digest: args.digest })
    const { size, mtime, mode } = download.entry
    return { facts: { path, size, mtime, mode }, source: download }
  },
}

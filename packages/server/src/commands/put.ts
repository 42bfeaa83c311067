import { prepareDigest } from '@jftp/protocol'
import type { CommandHandler } from './command-handler.js'

export const put: CommandHandler<'put'> = {
  name: 'put',
  needsLogin: true,
  changesNames: false,
  help: 'take a file; it appears when it is complete, checked and durable',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await prepareDigest(args.digest)
    return { path, upload: await storage.openUpload(path, args) }
  },
}

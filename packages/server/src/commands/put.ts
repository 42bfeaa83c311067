import type { Command } from './command.js'

export const put: Command<'put'> = {
  name: 'put',
  needsLogin: true,
  changesNames: false,
  help: 'take a file; it appears when it is complete, checked and durable',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    return { path, upload: await storage.openUpload(path, args) }
  },
}

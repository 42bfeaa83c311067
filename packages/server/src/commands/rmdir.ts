import type { CommandHandler } from './command-handler.js'

export const rmdir: CommandHandler<'rmdir'> = {
  name: 'rmdir',
  needsLogin: true,
  changesNames: true,
  help: 'remove an empty folder',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await storage.removeFolder(path)
    return { path }
  },
}

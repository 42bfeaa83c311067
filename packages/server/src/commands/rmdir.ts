import type { Command } from './command.js'

export const rmdir: Command<'rmdir'> = {
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

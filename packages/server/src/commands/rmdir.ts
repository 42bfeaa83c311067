import type { CommandHandler } from './command-handler.js'

export const rmdir: CommandHandler<'rmdir'> = {
  name: 'rmdir',
  needsLogin: true,
  isAlwaysLogged: true,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await storage.removeFolder(path)
    return { path }
  },
}

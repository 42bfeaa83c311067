import type { CommandHandler } from './command-handler.js'

export const mkdir: CommandHandler<'mkdir'> = {
  name: 'mkdir',
  needsLogin: true,
  isAlwaysLogged: true,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await storage.makeFolder(path, args.parents ? 'make-parents' : 'one')
    return { path }
  },
}

import type { CommandHandler } from './command-handler.js'

export const mv: CommandHandler<'mv'> = {
  name: 'mv',
  needsLogin: true,
  isAlwaysLogged: true,
  async run(args, { storage, resolve }) {
    const path = resolve(args.to)
    await storage.rename(resolve(args.from), path, args.onExists)
    return { path }
  },
}

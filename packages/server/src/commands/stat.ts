import type { CommandHandler } from './command-handler.js'

export const stat: CommandHandler<'stat'> = {
  name: 'stat',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    return { path, entry: await storage.stat(path, args.links) }
  },
}

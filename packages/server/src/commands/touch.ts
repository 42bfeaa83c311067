import type { CommandHandler } from './command-handler.js'

export const touch: CommandHandler<'touch'> = {
  name: 'touch',
  needsLogin: true,
  isAlwaysLogged: true,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await storage.touch(path, args)
    return { path }
  },
}

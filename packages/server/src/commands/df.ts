import type { CommandHandler } from './command-handler.js'

export const df: CommandHandler<'df'> = {
  name: 'df',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    return { path, ...(await storage.space(path)) }
  },
}

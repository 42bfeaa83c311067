import type { CommandHandler } from './command-handler.js'

export const chmod: CommandHandler<'chmod'> = {
  name: 'chmod',
  needsLogin: true,
  isAlwaysLogged: true,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await storage.changeMode(path, args.mode)
    return { path }
  },
}

import type { CommandHandler } from './command-handler.js'

export const chmod: CommandHandler<'chmod'> = {
  name: 'chmod',
  needsLogin: true,
  changesNames: true,
  help: 'set the permission bits of a file or a folder',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await storage.changeMode(path, args.mode)
    return { path }
  },
}

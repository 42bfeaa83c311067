import type { CommandHandler } from './command-handler.js'

export const touch: CommandHandler<'touch'> = {
  name: 'touch',
  needsLogin: true,
  changesNames: true,
  help: 'set the time of the last change; make a file that is missing',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    await storage.touch(path, args)
    return { path }
  },
}

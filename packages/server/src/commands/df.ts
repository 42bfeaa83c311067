import type { CommandHandler } from './command-handler.js'

export const df: CommandHandler<'df'> = {
  name: 'df',
  needsLogin: true,
  changesNames: false,
  help: 'how much room there is',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    return { path, ...(await storage.space(path)) }
  },
}

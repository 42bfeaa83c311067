import type { CommandHandler } from './command-handler.js'

export const stat: CommandHandler<'stat'> = {
  name: 'stat',
  needsLogin: true,
  changesNames: false,
  help: 'what is under a name; of a link, the link itself unless it is to be followed',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    return { path, entry: await storage.stat(path, args.links) }
  },
}

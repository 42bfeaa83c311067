import type { CommandHandler } from './command-handler.js'
import { JsonLines } from './json-lines.js'

export const ls: CommandHandler<'ls'> = {
  name: 'ls',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    const listing = await storage.list(path)
    return { facts: { path, type: listing.type }, source: new JsonLines(listing) }
  },
}

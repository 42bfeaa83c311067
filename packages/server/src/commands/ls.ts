import type { CommandHandler } from './command-handler.js'
import { JsonLines } from './json-lines.js'

export const ls: CommandHandler<'ls'> = {
  name: 'ls',
  needsLogin: true,
  changesNames: false,
  help: 'what a folder holds; of a file, its one entry',
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    const listing = await storage.list(path)
    return { facts: { path, type: listing.type }, source: new JsonLines(listing) }
  },
}

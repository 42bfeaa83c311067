import type { CommandHandler } from './command-handler.js'
import { JsonLines } from './json-lines.js'
import { TreeWalk } from './tree-walk.js'

export const find: CommandHandler<'find'> = {
  name: 'find',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, { storage, resolve, pause, noteFailure }) {
    const path = resolve(args.path)
    const walk = await TreeWalk.begin(storage, path, args)
    const pages = { pages: walk.pages(pause, noteFailure), close: () => walk.close() }
    return { facts: { path, type: walk.type }, source: new JsonLines(pages) }
  },
}

import type { CommandHandler } from './command-handler.js'
import { JsonLines } from './json-lines.js'

export const du: CommandHandler<'du'> = {
  name: 'du',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, { storage, resolve, pause, noteFailure }) {
    const path = resolve(args.path)
    const report = await storage.usage(path, { depth: args.depth, pause, onUnreadable: noteFailure })
    return { facts: { path }, source: new JsonLines(report) }
  },
}

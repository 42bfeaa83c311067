import type { CommandHandler } from './command-handler.js'
import { JsonLines } from './json-lines.js'

export const exec: CommandHandler<'exec'> = {
  name: 'exec',
  needsLogin: true,
  isAlwaysLogged: false,
  async run({ name, args = [] }, { programs, pause, noteProgram }) {
    const run = await programs.run(name, args, pause, (end) => noteProgram(name, end))
    return { facts: { name }, source: new JsonLines(run) }
  },
}

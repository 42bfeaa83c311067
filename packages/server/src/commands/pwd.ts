import type { Command } from './command.js'

export const pwd: Command<'pwd'> = {
  name: 'pwd',
  needsLogin: true,
  changesNames: false,
  help: 'the folder relative paths start from',
  run: (_args, { cwd }) => ({ path: cwd }),
}

import type { CommandHandler } from './command-handler.js'

export const pwd: CommandHandler<'pwd'> = {
  name: 'pwd',
  needsLogin: true,
  changesNames: false,
  help: 'the folder relative paths start from',
  run: (_args, { cwd }) => ({ path: cwd }),
}

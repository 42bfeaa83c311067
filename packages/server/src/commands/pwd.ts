import type { CommandHandler } from './command-handler.js'

export const pwd: CommandHandler<'pwd'> = {
  name: 'pwd',
  needsLogin: true,
  isAlwaysLogged: false,
  run: (_args, { cwd }) => ({ path: cwd }),
}

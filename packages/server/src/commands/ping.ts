import type { CommandHandler } from './command-handler.js'

export const ping: CommandHandler<'ping'> = {
  name: 'ping',
  needsLogin: false,
  isAlwaysLogged: false,
  run: () => ({}),
}

import type { CommandHandler } from './command-handler.js'

export const ping: CommandHandler<'ping'> = {
  name: 'ping',
  needsLogin: false,
  changesNames: false,
  help: 'answer, after all requests before it',
  run: () => ({}),
}

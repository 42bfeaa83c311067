import type { Command } from './command.js'

export const ping: Command<'ping'> = {
  name: 'ping',
  needsLogin: false,
  changesNames: false,
  help: 'answer, after all requests before it',
  run: () => ({}),
}

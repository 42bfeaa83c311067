import type { Command } from './command.js'

export const ping: Command<'ping'> = {
  name: 'ping',
  permission: 'open',
  changesNames: false,
  help: 'answer, after all requests before it',
  run: () => ({}),
}

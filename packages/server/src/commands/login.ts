import type { Command } from './command.js'

export const login: Command<'login'> = {
  name: 'login',
  permission: 'open',
  changesNames: false,
  help: 'say who you are',
  run({ user }, context) {
    const { user: name, home, permissions } = context.login(user)
    return { user: name, home, permissions: [...permissions] }
  },
}

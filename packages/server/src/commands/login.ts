import type { CommandHandler } from './command-handler.js'

export const login: CommandHandler<'login'> = {
  name: 'login',
  needsLogin: false,
  isAlwaysLogged: false,
  async run(request, context) {
    const { user, home, permissions } = await context.login(request)
    return { user, home, permissions: [...permissions] }
  },
}

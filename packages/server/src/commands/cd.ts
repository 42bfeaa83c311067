import type { CommandHandler } from './command-handler.js'

export const cd: CommandHandler<'cd'> = {
  name: 'cd',
  needsLogin: true,
  isAlwaysLogged: false,
  async run(args, context) {
    const path = context.resolve(args.path)
    await context.storage.checkFolder(path)
    context.changeFolder(path)
    return { path }
  },
}

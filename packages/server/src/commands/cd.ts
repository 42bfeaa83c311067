import type { CommandHandler } from './command-handler.js'

export const cd: CommandHandler<'cd'> = {
  name: 'cd',
  needsLogin: true,
  changesNames: false,
  help: 'change the folder relative paths start from',
  async run(args, context) {
    const path = context.resolve(args.path)
    await context.storage.checkFolder(path)
    context.changeFolder(path)
    return { path }
  },
}

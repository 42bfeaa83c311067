import type { CommandHandler } from './command-handler.js'

export const rm: CommandHandler<'rm'> = {
  name: 'rm',
  needsLogin: true,
  isAlwaysLogged: true,
  async run(args, { storage, resolve }) {
    const path = resolve(args.path)
    const { size, mtime } = args
    await storage.removeFile(path, { size, mtime })
    return { path }
  },
}

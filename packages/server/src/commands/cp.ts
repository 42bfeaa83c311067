import type { CommandHandler } from './command-handler.js'

export const cp: CommandHandler<'cp'> = {
  name: 'cp',
  needsLogin: true,
  isAlwaysLogged: true,
  async run(args, { storage, resolve, pause }) {
    const path = resolve(args.to)
    const outcome = await storage.copy(resolve(args.from), path, {
      onExists: args.onExists,
      preserve: args.preserve ? 'times-and-mode' : undefined,
      pause,
    })
    if (outcome.type === 'skipped') return { status: 'skipped', path }
    return { status: 'stored', path: outcome.path, size: outcome.size }
  },
}

import { ProtocolError } from '@jftp/protocol'
import type { Command } from './command.js'

export const mv: Command<'mv'> = {
  name: 'mv',
  permission: 'delete',
  changesNames: true,
  help: 'rename a file or a folder, also into another folder',
  async run(args, { storage, resolve, visitor }) {
    // The old name goes, and a new one comes: both are needed.
    if (!visitor?.permissions.includes('write')) {
      throw new ProtocolError('permission-denied', 'mv needs the permission to write too')
    }
    const path = resolve(args.to)
    await storage.rename(resolve(args.from), path, args.onExists)
    return { path }
  },
}

import { FtpError } from '@jftp/client'
import { joinRemotePath, remoteBasename } from '@jftp/protocol'
import type { RemotePlace } from '../places/remote-session.js'
import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

export const mv = defineCommand({
  arguments: [
    { name: 'FROM', takes: 'one', names: [['remote']] },
    { name: 'TO', takes: 'some', names: [['remote']] },
  ],
  usage: 'FROM… TO',
  flags: {},
  notes: ['Where TO is a folder, or ends in /, the files go into it under their own names.'],
  async run(context, args) {
    const { remote, settings, signal } = context
    const { onExists } = settings
    if (onExists === 'skip' || onExists === 'rename') {
      throw new FtpError('usage', `mv can't ${onExists}; use --on-exists overwrite or fail`)
    }
    const sources = args.slice(0, -1)
    const target = await remote.resolve(args.at(-1) ?? '.', signal)
    const into = sources.length > 1 || (await isFolder(target, signal))
    await forEachRemote(context, sources, ({ client, path }) => {
      const to = into ? joinRemotePath(target.path, remoteBasename(path)) : target.path
      return client.mv(path, to, { onExists, signal })
    })
  },
})

async function isFolder({ client, path, isFolder }: RemotePlace, signal: AbortSignal): Promise<boolean> {
  if (isFolder) return true
  try {
    return (await client.stat(path, { signal })).type === 'directory'
  } catch (error) {
    if (error instanceof FtpError && error.code === 'not-found') return false
    throw error
  }
}

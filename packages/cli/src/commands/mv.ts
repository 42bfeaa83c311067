import { FtpError } from '@jftp/client'
import { joinRemotePath, remoteBasename } from '@jftp/protocol'
import { isRemoteFolder } from '../locations/remote-session.js'
import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

export const mv = defineCommand({
  arguments: [
    { name: 'FROM', takes: 'one', kinds: [['remote']] },
    { name: 'TO', takes: 'some', kinds: [['remote']] },
  ],
  usage: 'FROM… TO',
  flags: {
    force: { spelling: '-f, --force', help: 'replace what is there, as --on-exists overwrite does' },
  },
  notes: ['If TO is a folder or ends in /, the files go into it under their own names.'],
  async run(context, args, { force }) {
    const { remote, settings, signal } = context
    const onExists = force ? 'overwrite' : (settings.onExists ?? 'fail')
    if (onExists !== 'overwrite' && onExists !== 'fail') {
      throw new FtpError('usage', `mv can't ${onExists}; use --on-exists overwrite or fail`)
    }
    const sources = args.slice(0, -1)
    const target = await remote.resolve(args.at(-1) ?? '.', signal)
    const into = sources.length > 1 || target.isFolder || (await isRemoteFolder(target, signal))
    await forEachRemote(context, sources, async ({ client, path }) => {
      const to = into ? joinRemotePath(target.path, remoteBasename(path)) : target.path
      try {
        await client.mv(path, to, { onExists, signal })
      } catch (error) {
        if (!(error instanceof FtpError) || error.code !== 'exists' || onExists === 'overwrite') throw error
        throw new FtpError('exists', 'the name is taken; mv -f replaces what is there', {
          path: to,
          cause: error,
        })
      }
    })
  },
})

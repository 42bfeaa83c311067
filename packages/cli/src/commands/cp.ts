import { type CopyResult, FtpError } from '@jftp/client'
import { joinRemotePath, printable, remoteBasename } from '@jftp/protocol'
import { isRemoteFolder } from '../places/remote-session.js'
import { defineCommand } from './command.js'
import { forEachRemote } from './remote-each.js'

/** What can be done if the name is taken. */
const WAYS = ['overwrite', 'skip', 'rename', 'fail'] as const

export const cp = defineCommand({
  arguments: [
    { name: 'FROM', takes: 'one', kinds: [['remote']] },
    { name: 'TO', takes: 'some', kinds: [['remote']] },
  ],
  usage: 'FROM… TO',
  flags: {
    force: { spelling: '-f, --force', help: 'replace what is there, as --on-exists overwrite does' },
    preserve: { spelling: '-p, --preserve', help: 'keep the times and the exact permission bits' },
  },
  notes: [
    'The server copies; nothing is transferred. If TO is a folder or ends in /, the copies go into it.',
    'A copy appears under its name when it is complete.',
  ],
  async run(context, args, { force, preserve }) {
    const { remote, output, settings, signal } = context
    const asked = force ? 'overwrite' : (settings.onExists ?? 'fail')
    const onExists = WAYS.find((way) => way === asked)
    if (onExists === undefined) {
      throw new FtpError('usage', `cp can't ${asked}; use --on-exists overwrite, skip, rename or fail`)
    }
    const sources = args.slice(0, -1)
    const target = await remote.resolve(args.at(-1) ?? '.', signal)
    const into = sources.length > 1 || target.isFolder || (await isRemoteFolder(target, signal))
    await forEachRemote(context, sources, async ({ client, path }) => {
      const to = into ? joinRemotePath(target.path, remoteBasename(path)) : target.path
      const keep = preserve ? 'times-and-mode' : undefined
      const result = await client.cp(path, to, { onExists, preserve: keep, signal }).catch(withHint(to))
      await output.event({ v: 1, event: 'copy', from: path, ...result })
      for (const line of describe(path, to, result)) output.note(line)
    })
  },
})

function withHint(to: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof FtpError)) throw error
    const { code, path } = error
    if (code === 'exists') {
      throw new FtpError(code, 'the name is taken; cp -f replaces what is there', { path: to, cause: error })
    }
    if (code === 'is-a-directory') {
      throw new FtpError(code, 'is a folder; name the files in it', { path, cause: error })
    }
    throw error
  }
}

/** A name that nobody asked for is told. */
function describe(from: string, to: string, result: CopyResult): string[] {
  if (result.status === 'skipped') return [`${printable(to)}  skipped`]
  return result.path === to ? [] : [`${printable(from)} → ${printable(result.path)}`]
}

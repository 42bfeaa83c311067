import { type CopyResult, type FtpClient, FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import { isRemoteFolder } from '../locations/remote-session.js'
import { throwFailures } from '../output/exit-code.js'
import { defineCommand } from './command.js'
import { copyTree } from './copy-tree.js'
import { FROM_TO, nameTaken, readFromTo } from './from-to.js'
import { findEntry, tellPlan, wouldSkip } from './plan.js'
import { forEachRemote } from './remote-each.js'

/** The values of --on-exists that the server supports for a copy. */
const WAYS = ['overwrite', 'skip', 'rename', 'fail'] as const

export const cp = defineCommand({
  dryRun: 'plans',
  ...FROM_TO,
  flags: {
    ...FROM_TO.flags,
    recursive: { spelling: '-r, --recursive', help: 'copy folders with all that is in them' },
    preserve: { spelling: '-p, --preserve', help: 'keep the times and the exact permission bits' },
  },
  notes: [
    'The server copies; nothing is transferred. If TO is a folder or ends in /, the copies go into it.',
    'A copy appears under its name when it is complete. With -r, a link to a file is copied as that file;',
    'other links and special files are left out with a warning.',
  ],
  async run(context, args, { force, recursive, preserve }) {
    const { output, settings, signal } = context
    const asked = force ? 'overwrite' : (settings.onExists ?? 'fail')
    const onExists = WAYS.find((way) => way === asked)
    if (onExists === undefined) {
      throw new FtpError(
        'usage',
        `cp does not support --on-exists ${asked}; use --on-exists overwrite, skip, rename or fail`,
      )
    }
    const { sources, targetOf } = await readFromTo(context, args)
    const keep = preserve ? 'times-and-mode' : undefined
    const copyOne = async (client: FtpClient, path: string, to: string) => {
      const result = await client.cp(path, to, { onExists, preserve: keep, signal }).catch(withHint(to))
      await output.event({ v: 1, event: 'copy', from: path, ...result })
      for (const line of describe(path, to, result)) output.note(line)
    }
    await forEachRemote(context, sources, async (source) => {
      const { client, path } = source
      const to = targetOf(path)
      if (settings.isDryRun) {
        const { type, mtime } = await client.stat(path, { links: 'follow', signal })
        if (type === 'directory' && !recursive) throw isFolder(path)
        // Folders are merged, so that a folder that is there is in nobody's way.
        const target = type === 'directory' ? undefined : await findEntry(client, to, signal)
        if (target !== undefined && onExists === 'fail') throw nameTaken('cp', to)
        const isSkipped = wouldSkip(onExists, to, mtime, target?.mtime)
        return tellPlan(context, isSkipped ? 'skip' : 'copy', path, { to })
      }
      if (!recursive || !(await isRemoteFolder(source, signal))) return copyOne(client, path, to)
      if (`${to}/`.startsWith(path === '/' ? path : `${path}/`)) {
        throw new FtpError('usage', "a folder can't be copied into itself", { path: to })
      }
      const failures = await copyTree({
        client,
        from: path,
        to,
        preserve: keep,
        signal,
        copyFile: (from, copy) => copyOne(client, from, copy),
        onSkip: (skipped, why) => output.note(`${printable(skipped)}  left out: ${why}`),
      })
      throwFailures(failures)
    })
  },
})

function withHint(to: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof FtpError)) throw error
    const { code, path } = error
    if (code === 'exists') throw nameTaken('cp', to, error)
    if (code === 'is-a-directory') {
      throw isFolder(path ?? to, error)
    }
    throw error
  }
}

function isFolder(path: string, cause?: FtpError): FtpError {
  const message = 'is a folder; cp -r copies it with all that is in it'
  return new FtpError('is-a-directory', message, { path, cause })
}

/** Says if a file was skipped, or stored under another name than the user gave. */
function describe(from: string, to: string, result: CopyResult): string[] {
  if (result.status === 'skipped') return [`${printable(to)}  skipped`]
  return result.path === to ? [] : [`${printable(from)} → ${printable(result.path)}`]
}

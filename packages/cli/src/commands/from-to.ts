import { FtpError } from '@jftp/client'
import { joinRemotePath, remoteBasename } from '@jftp/protocol'
import { isRemoteFolder } from '../locations/remote-session.js'
import type { Context } from './context.js'

/** The arguments and flags that `mv` and `cp` share. */
export const FROM_TO = {
  arguments: [
    { name: 'FROM', takes: 'one', kinds: [['remote']] },
    { name: 'TO', takes: 'some', kinds: [['remote']] },
  ],
  usage: 'FROM… TO',
  flags: {
    force: { spelling: '-f, --force', help: 'replace what is there, as --on-exists overwrite does' },
  },
} as const

export interface FromTo {
  readonly sources: readonly string[]
  /** The new path of a source. */
  targetOf(path: string): string
}

/** If the last argument is a folder, or there are several sources, they go into it under their own names. */
export async function readFromTo({ remote, signal }: Context, args: readonly string[]): Promise<FromTo> {
  const sources = args.slice(0, -1)
  const target = await remote.resolve(args.at(-1) ?? '.', signal)
  const goesInto = sources.length > 1 || target.isFolder || (await isRemoteFolder(target, signal))
  return {
    sources,
    targetOf: (path) => (goesInto ? joinRemotePath(target.path, remoteBasename(path)) : target.path),
  }
}

export function nameTaken(command: 'mv' | 'cp', path: string, cause?: FtpError): FtpError {
  return new FtpError('exists', `the name is taken; ${command} -f replaces what is there`, { path, cause })
}

import { type FtpClient, FtpError, type SyncRoots } from '@jftp/client'
import { isRemoteUrl } from '../locations/server-address.js'
import type { Argument } from './command.js'
import type { Context } from './context.js'

/** Two folders, one here and one on the server. */
export const treeArguments: readonly Argument[] = [
  { name: 'SRC', takes: 'one', isNew: true, kinds: [['local-folder', 'remote-folder']] },
  { name: 'DST', takes: 'one', isNew: true, kinds: [['remote-folder', 'local-folder']] },
]

export const treeNotes = [
  'One of SRC and DST is on the server: a URL, or a path of the current server behind a colon.',
  'If neither is written so, DST is on the server. A slash at the end makes no difference: what is in',
  'SRC is compared with what is in DST.',
]

/**
 * Tells which of the two folders is on the server. This depends on how they are written and not on what exists, so that
 * a command never runs in the other direction the second time.
 */
export async function readTrees(
  { local, remote, signal }: Context,
  [source = '', target = '']: readonly string[],
): Promise<{ client: FtpClient; roots: SyncRoots }> {
  const [isSource, isTarget] = [isMarked(source), isMarked(target)]
  if (isSource && isTarget) {
    throw new FtpError('usage', 'both SRC and DST are on a server; one of them has to be a local folder')
  }
  const [here, there] = isSource ? [target, source] : [source, target]
  const { client, path } = await remote.resolve(there.replace(/^:/, '') || '.', signal)
  return { client, roots: { local: local.resolve(here), remote: path, direction: isSource ? 'down' : 'up' } }
}

function isMarked(text: string): boolean {
  return text.startsWith(':') || isRemoteUrl(text)
}

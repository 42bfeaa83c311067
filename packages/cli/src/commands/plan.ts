import { type FtpClient, FtpError, type JsonEvent, type OnExists, type RemoteEntry } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { Context } from './context.js'

type Planned = Extract<JsonEvent, { event: 'planned' }>

/** Says what would be done without -n: an answer, so it goes to stdout. */
export async function tellPlan(
  { output }: Pick<Context, 'output'>,
  action: Planned['action'],
  path: string,
  more: Pick<Planned, 'to' | 'local'> = {},
): Promise<void> {
  const { to, local } = more
  const [from, target] =
    action === 'receive' || action === 'skip' ? [path, local] : action === 'send' ? [local, path] : [path, to]
  const names = [from ?? path, ...(target === undefined ? [] : [target])].map(printable)
  await output.answer(`${action.padEnd(7)}  ${names.join(' → ')}`)
  await output.event({ v: 1, event: 'planned', action, path, ...more })
}

/** What has a name on the server; undefined if nothing has. A link is not followed. */
export async function findEntry(
  client: FtpClient,
  path: string,
  signal: AbortSignal,
): Promise<RemoteEntry | undefined> {
  try {
    return await client.stat(path, { signal })
  } catch (error) {
    if (error instanceof FtpError && error.code === 'not-found') return undefined
    throw error
  }
}

/** Whether a transfer would leave what has the name. Times are those of the last change. Throws `exists`. */
export function wouldSkip(
  onExists: OnExists | undefined,
  path: string,
  source: number,
  target: number | undefined,
): boolean {
  if (target === undefined) return false
  if (onExists === 'fail') throw new FtpError('exists', 'the name is taken', { path })
  return onExists === 'skip' || (onExists === 'newer' && Math.floor(source) <= Math.floor(target))
}

import { parseUsage } from '@jftp/protocol'
import type { FolderUsage, UsageOptions } from '../call-options.js'
import { checkOptions, toRemotePath } from '../checked-arguments.js'
import type { Connection } from '../connection/connection.js'
import { FtpError, fromWireError, toFtpError } from '../errors/ftp-error.js'
import { LinesCall } from './lines-call.js'
import { ListingBudget } from './listing-budget.js'

/** The totals of a folder and of those in it, each behind all that is in it. */
export async function* usage(
  connection: Connection,
  remotePath: string,
  options: UsageOptions,
): AsyncGenerator<FolderUsage, void, undefined> {
  let call: LinesCall<'du', FolderUsage> | undefined
  try {
    checkOptions('du', options)
    const path = toRemotePath(remotePath)
    const request = { cmd: 'du', args: { path, depth: options.depth }, path, parse: parseFolder } as const
    call = new LinesCall<'du', FolderUsage>(
      connection,
      request,
      new ListingBudget(connection),
      options.signal,
    )
    connection.run(call).catch(() => {})
    for (let page = await call.next(); page !== undefined; page = await call.next()) yield* page
  } catch (error) {
    throw toFtpError(error, String(remotePath))
  } finally {
    // The reader has left, or it has failed.
    if (call !== undefined) connection.cancel(call, new FtpError('cancelled', 'the totals were left'))
  }
}

function parseFolder(line: string): FolderUsage {
  const usage = parseUsage(line)
  if (usage.type === 'total') return usage
  return { type: 'unreadable', path: usage.path, error: fromWireError(usage.error, usage.path) }
}

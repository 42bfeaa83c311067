import { parseUsage } from '@jftp/protocol'
import type { FolderUsage, UsageOptions } from '../call-options.js'
import { checkOptions, toRemotePath } from '../checked-arguments.js'
import { fromWireError, toFtpError } from '../errors/ftp-error.js'
import type { ConnectionLink } from '../retry/connection-link.js'
import { repeatableListing } from './repeatable-listing.js'

/** The totals of a folder and of those in it, each behind all that is in it. */
export async function* usage(
  link: ConnectionLink,
  remotePath: string,
  options: UsageOptions,
): AsyncGenerator<FolderUsage, void, undefined> {
  try {
    checkOptions('du', options)
    const path = toRemotePath(remotePath)
    const { depth, signal } = options
    const request = { cmd: 'du', args: { path, depth }, path, parse: parseFolder } as const
    const pages = repeatableListing(link, request, (folder) => folder.path, signal)
    for await (const { items } of pages) yield* items
  } catch (error) {
    throw toFtpError(error, String(remotePath))
  }
}

function parseFolder(line: string): FolderUsage {
  const usage = parseUsage(line)
  if (usage.type === 'total') return usage
  return { type: 'unreadable', path: usage.path, error: fromWireError(usage.error, usage.path) }
}

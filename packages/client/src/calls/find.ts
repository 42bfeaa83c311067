import { type Found, joinRemotePath, ProtocolError, parseFound, remoteBasename } from '@jftp/protocol'
import type { FindOptions, FoundEntry } from '../call-options.js'
import { checkOptions, toRemotePath } from '../checked-arguments.js'
import { fromProtocolError, toFtpError } from '../errors/ftp-error.js'
import type { ConnectionLink } from '../retry/connection-link.js'
import { repeatableListing } from './repeatable-listing.js'

/** Everything in a folder and in all folders below it, in one request. */
export async function* find(
  link: ConnectionLink,
  remotePath: string,
  options: FindOptions,
): AsyncGenerator<FoundEntry, void, undefined> {
  try {
    checkOptions('find', options)
    const top = toRemotePath(remotePath)
    const { signal, depth, name, type, links } = options
    // Fields that are undefined do not reach the JSON.
    const args = { path: top, depth, name, type, links }
    const request = { cmd: 'find', args, path: top, parse: parseFound } as const
    const pages = repeatableListing(link, request, (found) => found.path, signal)
    for await (const { facts, items } of pages) {
      for (const found of items) yield toEntry(top, found, facts?.type === 'directory' ? 'folder' : 'file')
    }
  } catch (error) {
    throw toFtpError(error, String(remotePath))
  }
}

function toEntry(top: string, found: Found, searched: 'folder' | 'file'): FoundEntry {
  if ((found.path === '') !== (searched === 'file') && found.type !== 'unreadable') {
    const path = JSON.stringify(found.path)
    throw new ProtocolError('protocol-error', `the server found an impossible path: ${path}`)
  }
  const path = found.path === '' ? top : joinRemotePath(top, found.path)
  if (found.type !== 'unreadable') return { ...found, path, name: remoteBasename(path) }
  const { code, message } = found.error
  return { type: 'unreadable', path, error: fromProtocolError(new ProtocolError(code, message), path) }
}

import { type Entry, joinRemotePath, ProtocolError, parseEntry } from '@jftp/protocol'
import type { ListOptions, RemoteEntry } from '../call-options.js'
import { checkOptions, toRemotePath } from '../checked-arguments.js'
import { toFtpError } from '../errors/ftp-error.js'
import type { ConnectionLink } from '../retry/connection-link.js'
import { find } from './find.js'
import { repeatableListing } from './repeatable-listing.js'

/** The entries of a folder; with `recursive`, also those of all folders below. */
export async function* list(
  link: ConnectionLink,
  remotePath: string,
  options: ListOptions,
): AsyncGenerator<RemoteEntry, void, undefined> {
  try {
    checkOptions('list', options)
    const { signal } = options
    yield* options.recursive
      ? readableEntries(link, remotePath, signal)
      : entriesOf(link, toRemotePath(remotePath), signal)
  } catch (error) {
    throw toFtpError(error, String(remotePath))
  }
}

async function* readableEntries(
  link: ConnectionLink,
  remotePath: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<RemoteEntry, void, undefined> {
  for await (const entry of find(link, remotePath, { signal })) {
    if (entry.type === 'unreadable') throw entry.error
    yield entry
  }
}

async function* entriesOf(
  link: ConnectionLink,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<RemoteEntry, void, undefined> {
  const request = { cmd: 'ls', args: { path }, path, parse: parseSafeEntry } as const
  for await (const { facts, items } of repeatableListing(link, request, ({ name }) => name, signal)) {
    for (const entry of items) {
      // If the path is not a folder, the server lists the path itself.
      yield { ...entry, path: facts?.type === 'directory' ? joinRemotePath(path, entry.name) : path }
    }
  }
}

/** Refuses a name that would lead out of its folder if somebody joined it to a local path. */
function parseSafeEntry(line: string): Entry {
  const entry = parseEntry(line)
  const { name } = entry
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw new ProtocolError('protocol-error', `the server listed an impossible name: ${JSON.stringify(name)}`)
  }
  return entry
}

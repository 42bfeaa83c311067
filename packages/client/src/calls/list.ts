import {
  type Entry,
  joinRemotePath,
  normalizeRemotePath,
  remoteBasename,
  remoteDirname,
} from '@jftp/protocol'
import type { ListOptions, RemoteEntry } from '../call-options.js'
import type { Connection } from '../connection/connection.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { run } from './command.js'
import { Fifo } from './fifo.js'
import { ListCall } from './list-call.js'

/** Folders asked for ahead of the one being read: enough to hide the way to the server. */
const AHEAD = 16

/** The entries of a folder; with `recursive`, each folder's entries together, folders in the order found. */
export async function* list(
  connection: Connection,
  remotePath: string,
  options: ListOptions,
): AsyncGenerator<RemoteEntry, void, undefined> {
  const running: ListCall[] = []
  try {
    const top = normalizeRemotePath(remotePath)
    const folders = new Fifo<string>()
    folders.push(top)
    while (running.length > 0 || folders.length > 0) {
      while (running.length < AHEAD && folders.length > 0) {
        running.push(ask(connection, folders.shift() as string, options.signal))
      }
      const call = running[0] as ListCall
      for await (const entry of entriesOf(connection, call, call.path === top ? 'unknown' : 'folder')) {
        if (options.recursive && entry.type === 'directory' && entry.rawName === undefined)
          folders.push(entry.path)
        yield entry
      }
      running.shift()
    }
  } catch (error) {
    throw toFtpError(error, remotePath)
  } finally {
    // Nobody wants the rest.
    for (const call of running) connection.cancel(call, new FtpError('cancelled', 'the listing was left'))
  }
}

function ask(connection: Connection, path: string, signal: AbortSignal | undefined): ListCall {
  const call = new ListCall(connection, path, signal)
  connection.run(call).catch(() => {})
  return call
}

async function* entriesOf(
  connection: Connection,
  call: ListCall,
  kind: 'folder' | 'unknown',
): AsyncGenerator<RemoteEntry, void, undefined> {
  let folder = kind === 'folder' ? call.path : undefined
  for (let page = await call.next(); page !== undefined; page = await call.next()) {
    for (const entry of page) {
      folder ??= await folderOf(connection, call, entry)
      yield { ...entry, path: joinRemotePath(folder, entry.name) }
    }
  }
}

/** Of a file, the server lists that one entry. Only a look tells it from a folder with a file of its own name. */
async function folderOf(connection: Connection, { path, signal }: ListCall, first: Entry): Promise<string> {
  if (first.name !== remoteBasename(path) || first.type === 'directory') return path
  try {
    await run(connection, 'stat', () => ({ path: joinRemotePath(path, first.name) }), { signal })
    return path
  } catch (error) {
    if (error instanceof FtpError && (error.code === 'not-found' || error.code === 'not-a-directory')) {
      return remoteDirname(path)
    }
    throw error
  }
}

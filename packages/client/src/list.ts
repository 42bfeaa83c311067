import { joinRemotePath, normalizeRemotePath, ProtocolError } from '@jftp/protocol'
import type { ListOptions, RemoteEntry } from './call-options.js'
import type { Connection } from './connection.js'
import { FtpError, toFtpError } from './ftp-error.js'
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
    const folders = [normalizeRemotePath(remotePath)]
    for (let asked = 0; running.length > 0 || asked < folders.length; ) {
      while (running.length < AHEAD && asked < folders.length) {
        const path = folders[asked] as string
        folders[asked++] = ''
        running.push(ask(connection, path, options.signal))
      }
      for await (const entry of entriesOf(running[0] as ListCall)) {
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

async function* entriesOf(call: ListCall): AsyncGenerator<RemoteEntry, void, undefined> {
  for (let page = await call.next(); page !== undefined; page = await call.next()) {
    const { folder } = call
    if (folder === undefined) throw new ProtocolError('protocol-error', 'a listing came before its ACK')
    for (const entry of page) yield { ...entry, path: joinRemotePath(folder, entry.name) }
  }
}

import { type Entry, joinRemotePath, ProtocolError, parseEntry } from '@jftp/protocol'
import type { ListOptions, RemoteEntry } from '../call-options.js'
import { checkOptions, toRemotePath } from '../checked-arguments.js'
import type { Connection } from '../connection/connection.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { Fifo } from './fifo.js'
import { LinesCall } from './lines-call.js'
import { ListingBudget } from './listing-budget.js'

type ListCall = LinesCall<'ls', Entry>

/** How many folders are asked for before they are read, so that nobody waits for a round trip per folder. */
const AHEAD = 16

/** The entries of a folder. With `recursive`, the entries of each folder come together, folders in the order found. */
export async function* list(
  connection: Connection,
  remotePath: string,
  options: ListOptions,
): AsyncGenerator<RemoteEntry, void, undefined> {
  const running: ListCall[] = []
  try {
    checkOptions('list', options)
    const top = toRemotePath(remotePath)
    const budget = new ListingBudget(connection)
    const folders = new Fifo<string>()
    folders.push(top)
    while (running.length > 0 || folders.length > 0) {
      while (running.length < AHEAD && folders.length > 0) {
        running.push(ask(connection, folders.shift() as string, budget, options.signal))
      }
      const call = running[0] as ListCall
      for await (const entry of entriesOf(call)) {
        if (options.recursive && entry.type === 'directory' && entry.rawName === undefined)
          folders.push(entry.path)
        yield entry
      }
      running.shift()
    }
  } catch (error) {
    throw toFtpError(error, String(remotePath))
  } finally {
    // The reader has left, or the listing has failed.
    for (const call of running) connection.cancel(call, new FtpError('cancelled', 'the listing was left'))
  }
}

function ask(
  connection: Connection,
  path: string,
  budget: ListingBudget,
  signal: AbortSignal | undefined,
): ListCall {
  const request = { cmd: 'ls', args: { path }, path, parse: parseSafeEntry } as const
  const call: ListCall = new LinesCall(connection, request, budget, signal)
  connection.run(call).catch(() => {})
  return call
}

async function* entriesOf(call: ListCall): AsyncGenerator<RemoteEntry, void, undefined> {
  for (let page = await call.next(); page !== undefined; page = await call.next()) {
    for (const entry of page) {
      // If the path is not a folder, the server lists the path itself.
      const path = call.facts?.type === 'directory' ? joinRemotePath(call.path, entry.name) : call.path
      yield { ...entry, path }
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

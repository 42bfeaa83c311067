import { MAX_HASH_PATHS, parseHashed } from '@jftp/protocol'
import type { HashedFile, HashOptions } from '../call-options.js'
import { checkOptions, toRemotePath } from '../checked-arguments.js'
import type { Connection } from '../connection/connection.js'
import { FtpError, fromWireError, toFtpError } from '../errors/ftp-error.js'
import { LinesCall } from './lines-call.js'
import { ListingBudget } from './listing-budget.js'

/** JSON in one request: the protocol allows 64 KiB, and one more path must still fit. */
const MAX_REQUEST_JSON = 48 * 1024

/** How many requests are sent before they are answered, so that nobody waits for a round trip between them. */
const AHEAD = 4

/** The digests of many files, in the order of the paths. As many paths as fit are asked for in one request. */
export async function* hash(
  connection: Connection,
  paths: Iterable<string> | AsyncIterable<string>,
  options: HashOptions,
): AsyncGenerator<HashedFile, void, undefined> {
  const running: HashRequest[] = []
  try {
    checkOptions('hash', options)
    for await (const group of groupsOf(paths)) {
      running.push(ask(connection, group, options))
      if (running.length === AHEAD) yield* answersOf(running)
    }
    while (running.length > 0) yield* answersOf(running)
  } catch (error) {
    throw toFtpError(error)
  } finally {
    // The reader has left, or something has failed.
    for (const { call } of running)
      connection.cancel(call, new FtpError('cancelled', 'the digests were left'))
  }
}

interface HashRequest {
  readonly paths: readonly string[]
  readonly call: LinesCall<'hash', HashedFile>
}

function ask(connection: Connection, paths: readonly string[], { digest, signal }: HashOptions): HashRequest {
  const call = new LinesCall<'hash', HashedFile>(
    connection,
    { cmd: 'hash', args: { paths: [...paths], digest }, path: paths[0] ?? '/', parse: parseFile },
    new ListingBudget(connection),
    signal,
  )
  connection.run(call).catch(() => {})
  return { paths, call }
}

/** What the oldest request is answered. */
async function* answersOf(running: HashRequest[]): AsyncGenerator<HashedFile, void, undefined> {
  const { paths, call } = running[0] as HashRequest
  let index = 0
  for (let page = await call.next(); page !== undefined; page = await call.next()) {
    for (const file of page) {
      if (file.path !== paths[index++]) throw wrongFile(file.path)
      yield file
    }
  }
  if (index < paths.length) throw wrongFile(paths[index] as string)
  running.shift()
}

/** Paths in groups that fit into one request. */
async function* groupsOf(
  paths: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<readonly string[], void, undefined> {
  let group: string[] = []
  let size = 0
  for await (const each of paths) {
    const path = toRemotePath(each)
    const length = JSON.stringify(path).length * BYTES_PER_UNIT
    if (group.length === MAX_HASH_PATHS || (group.length > 0 && size + length > MAX_REQUEST_JSON)) {
      yield group
      group = []
      size = 0
    }
    group.push(path)
    size += length
  }
  if (group.length > 0) yield group
}

/** At most so many bytes of UTF-8 stand for a UTF-16 unit. */
const BYTES_PER_UNIT = 3

function parseFile(line: string): HashedFile {
  const hashed = parseHashed(line)
  if (hashed.type === 'digest') return hashed
  return { type: 'unreadable', path: hashed.path, error: fromWireError(hashed.error, hashed.path) }
}

function wrongFile(path: string): FtpError {
  return new FtpError('protocol-error', 'the server did not answer for the files it was asked about', {
    path,
  })
}

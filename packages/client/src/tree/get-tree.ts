import type { FoundEntry, RemoteEntry } from '../call-options.js'
import { toRemotePath } from '../checked-arguments.js'
import type { FtpClient } from '../client.js'
import { isFinal } from '../errors/final-error.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import { makeLink } from './local-link.js'
import { LocalTree, type ReceivedFolder } from './local-tree.js'
import { spooledPages } from './spool.js'
import type { GetTreeOptions, TreePair, TreeResult } from './tree-options.js'
import { runTree } from './tree-run.js'
import type { TreeStep } from './tree-step.js'

/** Steps that are made of what was found before the first of them is taken. */
const PAGE_LENGTH = 64

/** Fetches whole trees. The server walks each in one request, over a connection of its own. */
export function getTrees(
  client: FtpClient,
  pairs: Iterable<TreePair>,
  options: GetTreeOptions,
): Promise<TreeResult> {
  return runTree(client, (signal) => walkAll(client, pairs, { ...options, signal }), options)
}

async function* walkAll(
  client: FtpClient,
  pairs: Iterable<TreePair>,
  options: GetTreeOptions,
): AsyncGenerator<readonly TreeStep[], void> {
  // Answers come in the order of requests: on the same connection no file could come before the end of the walk.
  await using walker = client.duplicate()
  for (const pair of pairs) {
    try {
      yield* walk(walker, pair, options)
    } catch (error) {
      if (isFinal(error) || options.signal?.aborted) throw error
      yield [{ type: 'failed', error: toFtpError(error, pair.remote) }]
    }
  }
}

async function* walk(
  walker: FtpClient,
  pair: TreePair,
  options: GetTreeOptions,
): AsyncGenerator<readonly TreeStep[], void> {
  const { signal, links = 'follow', preserve } = options
  const remote = toRemotePath(pair.remote)
  // The walk does not tell of the folder at which it begins.
  const top = preserve === undefined ? undefined : await walker.stat(remote, { signal })
  const tree = new LocalTree(pair.local, preserve, top?.type === 'directory' ? top : undefined)
  const found = walker.find(remote, { signal, links: links === 'follow' ? 'follow' : 'report' })
  for await (const page of spooledPages(found)) {
    let steps: TreeStep[] = []
    try {
      for (const entry of page) {
        const below = entry.path.slice(remote === '/' ? 1 : remote.length + 1)
        // What was asked for is a file, and there is nothing in it.
        if (below === '' && entry.type !== 'unreadable') {
          return yield [...stepsOfFile(entry, pair.local, undefined, options)]
        }
        steps.push(...stepsOf(entry, below, tree, options))
        for (const error of tree.takeFailures()) steps.push({ type: 'failed', error })
        if (steps.length < PAGE_LENGTH) continue
        yield steps
        steps = []
      }
    } catch (error) {
      // What was found before this is moved nevertheless.
      yield steps
      throw error
    }
    yield steps
  }
  tree.finish()
  yield tree.takeFailures().map((error) => ({ type: 'failed', error }))
}

function* stepsOf(
  entry: FoundEntry,
  below: string,
  tree: LocalTree,
  options: GetTreeOptions,
): Generator<TreeStep, void> {
  if (entry.type === 'unreadable') return yield { type: 'failed', error: entry.error }
  const parent = tree.parentOf(below)
  if (parent.state === 'left-out' || options.select?.({ path: below, type: entry.type }) === false) {
    if (entry.type === 'directory') tree.leaveOut(below)
  } else if (entry.rawName !== undefined) {
    if (entry.type === 'directory') tree.leaveOut(below)
    yield { type: 'failed', error: notUtf8(entry.path) }
  } else if (entry.type === 'directory') {
    try {
      tree.make(below, entry)
    } catch (error) {
      tree.leaveOut(below)
      yield { type: 'failed', error: toFtpError(error) }
    }
  } else {
    yield* stepsOfFile(entry, parent.childPath(entry.name), parent, options)
  }
}

function* stepsOfFile(
  entry: RemoteEntry,
  local: string,
  folder: ReceivedFolder | undefined,
  { links, digest, onExists, preserve }: GetTreeOptions,
): Generator<TreeStep, void> {
  const { path, size, type, target = '' } = entry
  if (type === 'link' && links === 'keep') {
    try {
      makeLink(local, target, onExists)
    } catch (error) {
      yield { type: 'failed', error: fromLocalError(error, local) }
    }
  } else if (type === 'link') {
    const reason = 'a link that leads out of the root of the server, to nothing or in a circle'
    yield { type: 'left-out', path, reason }
  } else if (type === 'other') {
    yield { type: 'left-out', path, reason: 'a named pipe, a socket or a device' }
  } else {
    folder?.begin()
    yield {
      type: 'file',
      file: { path, local, size },
      run: (client, { signal, onProgress }) =>
        // A link in the tree must not lead a file out of it.
        client.get(path, local, { signal, onProgress, digest, onExists, preserve, localLink: 'replace' }),
      over: () => (folder?.end() ?? []).map((error) => ({ type: 'failed', error }) as const),
    }
  }
}

function notUtf8(path: string): FtpError {
  const message = `${path}: the name is not UTF-8, so it can't be asked for; rename it on the server`
  return new FtpError('not-found', message, { path })
}

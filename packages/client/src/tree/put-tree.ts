import { type Stats, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { toRemotePath } from '../checked-arguments.js'
import type { FtpClient } from '../client.js'
import { isFinal } from '../errors/final-error.js'
import { toFtpError } from '../errors/ftp-error.js'
import { fromLocalError, notAFile } from '../errors/local-error.js'
import { type FoundLocally, LocalWalk } from './local-walk.js'
import type { PutTreeOptions, TreePair, TreeResult } from './tree-options.js'
import { runTree } from './tree-run.js'
import type { TreeStep } from './tree-step.js'

/** Milliseconds after which a walk lets other work go on. */
const TURN = 10

/** Stores whole trees. Folders are made with the first file that goes into them, so nothing waits for a folder. */
export function putTrees(
  client: FtpClient,
  pairs: Iterable<TreePair>,
  options: PutTreeOptions,
): Promise<TreeResult> {
  return runTree(client, (signal) => walkAll(pairs, { ...options, signal }), options)
}

async function* walkAll(pairs: Iterable<TreePair>, options: PutTreeOptions): AsyncGenerator<TreeStep, void> {
  for (const pair of pairs) {
    try {
      yield* walk(pair, options)
    } catch (error) {
      if (isFinal(error)) throw error
      yield { type: 'failed', error: toFtpError(error, pair.remote) }
    }
  }
}

async function* walk({ local, remote }: TreePair, options: PutTreeOptions): AsyncGenerator<TreeStep, void> {
  const top = toRemotePath(remote)
  const stat = lookAt(local)
  if (!stat.isDirectory()) {
    if (!stat.isFile()) throw notAFile(stat, local, 'put what it gives as a stream')
    return yield fileStep(local, top, stat.size, options)
  }
  const walk = new LocalWalk(local, options.select)
  let turnEnds = performance.now() + TURN
  try {
    for (const found of walk.names()) {
      const step = stepOf(found, top, options)
      if (step !== undefined) yield step
      if (performance.now() < turnEnds) continue
      await setImmediate()
      options.signal?.throwIfAborted()
      turnEnds = performance.now() + TURN
    }
  } finally {
    walk.close()
  }
}

function stepOf(found: FoundLocally, top: string, options: PutTreeOptions): TreeStep | undefined {
  switch (found.type) {
    case 'file':
      return fileStep(found.local, remotePathOf(top, found.below), found.size, options)
    case 'empty-folder':
      return folderStep(remotePathOf(top, found.below))
    case 'left-out':
      return { type: 'left-out', path: found.local, reason: found.reason }
    case 'failed':
      return { type: 'failed', error: found.error }
    case 'nothing':
      return undefined
  }
}

function fileStep(
  local: string,
  path: string,
  size: number,
  { digest, onExists, preserve, mode }: PutTreeOptions,
): TreeStep {
  return {
    type: 'file',
    file: { path, local, size },
    run: (client, { signal, onProgress }) =>
      client.put(local, path, { signal, onProgress, digest, onExists, preserve, mode, parents: true }),
  }
}

function folderStep(path: string): TreeStep {
  return { type: 'call', run: (client, signal) => client.mkdir(path, { parents: true, signal }) }
}

function lookAt(local: string): Stats {
  try {
    return statSync(local)
  } catch (error) {
    throw fromLocalError(error, local)
  }
}

/** The library refuses paths that no server takes, such as too long ones, when they are asked for. */
function remotePathOf(top: string, below: string): string {
  if (below === '') return top
  return top === '/' ? `/${below}` : `${top}/${below}`
}

import { type Stats, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { toRemotePath } from '../checked-arguments.js'
import type { FtpClient } from '../client.js'
import { isFinal } from '../errors/final-error.js'
import { toFtpError } from '../errors/ftp-error.js'
import { fromLocalError, notAFile } from '../errors/local-error.js'
import type { WalkedPutOptions } from '../walked-put-options.js'
import { type FoundLocally, LocalWalk } from './local-walk.js'
import { PendingFolder } from './pending-folder.js'
import type { PutTreeOptions, TreePair, TreeResult } from './tree-options.js'
import { runTree } from './tree-run.js'
import type { CallStep, FileStep, NextStep, TreeStep } from './tree-step.js'

/** Milliseconds after which a walk lets other work go on. */
const TURN = 10

/** Steps that are looked up before the first of them is taken. */
const PAGE_LENGTH = 64

/** Stores whole trees. Folders are made with the first file that goes into them, so nothing waits for a folder. */
export function putTrees(
  client: FtpClient,
  pairs: Iterable<TreePair>,
  options: PutTreeOptions,
): Promise<TreeResult> {
  return runTree(client, (signal) => walkAll(pairs, { ...options, signal }), options)
}

async function* walkAll(
  pairs: Iterable<TreePair>,
  options: PutTreeOptions,
): AsyncGenerator<readonly TreeStep[], void> {
  for (const pair of pairs) {
    try {
      yield* walk(pair, options)
    } catch (error) {
      if (isFinal(error) || options.signal?.aborted) throw error
      yield [{ type: 'failed', error: toFtpError(error, pair.remote) }]
    }
  }
}

async function* walk(
  { local, remote }: TreePair,
  options: PutTreeOptions,
): AsyncGenerator<readonly TreeStep[], void> {
  const top = toRemotePath(remote)
  const stat = lookAt(local)
  if (!stat.isDirectory()) {
    if (!stat.isFile()) throw notAFile(stat, local, 'put what it gives as a stream')
    return yield [fileStep(local, top, stat.size, options)]
  }
  const walk = new LocalWalk(local, options.select)
  const tree = new RemoteTree(top, options)
  let turnEnds = performance.now() + TURN
  let steps: TreeStep[] = []
  try {
    for (const found of walk.names()) {
      tree.addSteps(found, steps)
      const isOver = performance.now() >= turnEnds
      if (!isOver && steps.length < PAGE_LENGTH) continue
      yield steps
      steps = []
      if (!isOver) continue
      await setImmediate()
      options.signal?.throwIfAborted()
      turnEnds = performance.now() + TURN
    }
    yield steps
  } finally {
    walk.close()
  }
}

/** Turns what a walk comes across into steps, and keeps the folders on the way. */
class RemoteTree {
  readonly #top: string
  readonly #options: PutTreeOptions
  readonly #open: { readonly path: string; readonly pending: PendingFolder<NextStep> }[] = []

  constructor(top: string, options: PutTreeOptions) {
    this.#top = top
    this.#options = options
  }

  /** Adds what is to be done because of what was found. */
  addSteps(found: FoundLocally, steps: TreeStep[]): void {
    switch (found.type) {
      case 'entered':
        return this.#enter(remotePathOf(this.#top, found.below), found.stat)
      case 'left':
        return this.#leave(found.content, steps)
      case 'file': {
        const folder = this.#open.at(-1)?.pending
        folder?.begin()
        const path = remotePathOf(this.#top, found.below)
        steps.push(fileStep(found.local, path, found.size, this.#options, folder))
        return
      }
      case 'left-out':
        steps.push({ type: 'left-out', path: found.local, reason: found.reason })
        return
      case 'failed':
        steps.push({ type: 'failed', error: found.error })
        return
      case 'nothing':
        return
    }
  }

  #enter(path: string, stat: Stats): void {
    const hasFacts = this.#options.preserve !== undefined && path !== '/'
    const pending = new PendingFolder<NextStep>(
      this.#open.at(-1)?.pending,
      hasFacts ? () => [factsStep(path, stat)] : undefined,
    )
    this.#open.push({ path, pending })
  }

  #leave(content: 'empty' | 'some', steps: TreeStep[]): void {
    const folder = this.#open.pop()
    if (folder === undefined) return
    const { path, pending } = folder
    if (content === 'empty') {
      pending.begin()
      steps.push({ ...folderStep(path), over: () => pending.end() })
    }
    steps.push(...pending.end())
  }
}

function fileStep(
  local: string,
  path: string,
  size: number,
  { digest, onExists, preserve, mode }: PutTreeOptions,
  folder?: PendingFolder<NextStep>,
): FileStep {
  return {
    type: 'file',
    file: { path, local, size },
    run: (client, { signal, onProgress }) => {
      const options: WalkedPutOptions = {
        ...{ signal, onProgress, digest, onExists, preserve, mode },
        parents: true,
        // The walk has just seen it.
        localKind: 'file',
      }
      return client.put(local, path, options)
    },
    over: () => folder?.end() ?? [],
  }
}

function folderStep(path: string): CallStep {
  return { type: 'call', run: (client, signal) => client.mkdir(path, { parents: true, signal }) }
}

/** Gives a folder of the server the time and the permission bits of a local one. */
function factsStep(path: string, { mtimeMs, mode }: Stats): CallStep {
  return {
    type: 'call',
    async run(client, signal) {
      await Promise.all([
        client.touch(path, { mtime: Math.floor(mtimeMs), create: false, signal }),
        client.chmod(path, mode & 0o7777, { signal }),
      ])
    },
  }
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

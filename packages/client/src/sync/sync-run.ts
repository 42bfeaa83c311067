import { FtpError } from '../errors/ftp-error.js'
import { countDeletions, deleteExtras } from './delete-extras.js'
import { readTrees } from './read-trees.js'
import { sendFiles } from './send-files.js'
import type { SyncOptions, SyncPlace, SyncResult } from './sync-options.js'
import { type SyncParts, SyncWork } from './sync-work.js'

/**
 * Makes the target like the source. Both trees are read, compared as a whole and counted before anything is changed.
 * Then folders are made and files are sent, and only when all of that has succeeded is anything deleted. What has to
 * wait for a deletion, because something of another type has its name, comes last.
 */
export async function runSync(parts: SyncParts, options: SyncOptions): Promise<SyncResult> {
  using work = new SyncWork(parts, options)
  const root = await readBoth(work)
  const deletions = countDeletions(work)
  await work.tell({ type: 'compared', files: countFiles(work), deletions })
  if (root === 'missing' && options.mode !== 'plan') await parts.target.makeRoot()
  await tellLeftOut(work)
  await sendFiles(work, 'any')
  await deleteExtras(work, deletions)
  await sendFiles(work, 'last')
  return work.tally.result()
}

async function readBoth(work: SyncWork): Promise<'found' | 'missing'> {
  const { source, target, filter } = work.parts
  const trees = [
    { side: source, entries: work.sourceEntries, missingRoot: 'fails', links: 'follow' },
    // Nothing behind a link may be replaced or deleted.
    { side: target, entries: work.targetEntries, missingRoot: 'is-empty', links: 'report' },
  ] as const
  const { roots, unreadable } = await readTrees(trees, filter, work.options.signal)
  for (const error of unreadable) await work.fail(error)
  return roots[1] ?? 'missing'
}

function countFiles(work: SyncWork): number {
  let files = 0
  for (const { type } of work.plan()) if (type === 'file') files++
  return files
}

async function tellLeftOut(work: SyncWork): Promise<void> {
  for (const step of work.plan()) {
    if (step.type !== 'left-out') continue
    const { path, source } = step
    const place = work.place(path)
    if (source.isNameable) {
      await work.tell({ type: 'left-out', place, kind: source.type === 'link' ? 'link' : 'other' })
    } else {
      await work.fail(notUtf8(work, place), place)
    }
  }
}

function notUtf8(work: SyncWork, { local, remote }: SyncPlace): FtpError {
  const [code, path] =
    work.parts.source.name === 'local'
      ? (['local-not-found', local] as const)
      : (['not-found', remote] as const)
  return new FtpError(code, `${path}: the name is not UTF-8, so it can't be asked for; rename it`, { path })
}

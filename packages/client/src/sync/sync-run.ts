import { FtpError } from '../errors/ftp-error.js'
import { deleteExtras } from './delete-extras.js'
import { summarizePlan } from './plan-summary.js'
import { readTrees } from './read-trees.js'
import { makeFolders, sendFiles } from './send-files.js'
import type { SyncItem, SyncOptions, SyncResult } from './sync-options.js'
import { type SyncParts, SyncWork } from './sync-work.js'

/**
 * Makes the target like the source. Both trees are read, compared as a whole and counted before anything is changed.
 * Then folders are made and files are sent, and only when all of that has succeeded is anything deleted. What has to
 * wait for a deletion, because something of another type has its name, comes last.
 */
export async function runSync(parts: SyncParts, options: SyncOptions): Promise<SyncResult> {
  using work = new SyncWork(parts, options)
  const root = await readBoth(work)
  const summary = summarizePlan(work.plan(), options.delete)
  await work.tell({ type: 'compared', files: summary.file, deletions: summary.deletions })
  if (root === 'missing' && options.mode !== 'plan') await parts.target.makeRoot()
  if (summary['left-out'] > 0) await tellLeftOut(work)
  if (summary['make-folder'] > 0) await makeFolders(work, 'any')
  if (summary.file > 0) await sendFiles(work, 'any')
  await deleteExtras(work, summary)
  if (summary.conflict > 0) {
    await makeFolders(work, 'last')
    await sendFiles(work, 'last')
  }
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

async function tellLeftOut(work: SyncWork): Promise<void> {
  for (const step of work.plan()) {
    if (step.type !== 'left-out') continue
    const { path, source } = step
    const item = work.item(path)
    if (source.isNameable) {
      await work.tell({ type: 'left-out', item, kind: source.type === 'link' ? 'link' : 'other' })
    } else {
      await work.fail(notUtf8(work, item), item)
    }
  }
}

function notUtf8(work: SyncWork, { local, remote }: SyncItem): FtpError {
  const [code, path] =
    work.parts.source.name === 'local'
      ? (['local-not-found', local] as const)
      : (['not-found', remote] as const)
  return new FtpError(code, `${path}: the name is not UTF-8, so it can't be asked for; rename it`, { path })
}

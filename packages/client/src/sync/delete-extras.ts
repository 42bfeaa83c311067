import { FtpError } from '../errors/ftp-error.js'
import { runAtOnce } from '../run-at-once.js'
import { planDeletions } from './deletions.js'
import type { PlanSummary } from './plan-summary.js'
import type { SyncStep } from './sync-plan.js'
import type { SyncWork } from './sync-work.js'
import type { TreeEntry } from './tree-entry.js'

/** Deletions that are asked for without waiting for the answers. A connection leaves at most 256 requests unanswered. */
const IN_FLIGHT = 200

/**
 * Deletes what is to be deleted, if that is allowed: it is wanted, it is no more than `maxDelete`, and nothing has
 * failed before. Whatever stays in the way of the source is told of.
 */
export async function deleteExtras(work: SyncWork, { deletions, conflict }: PlanSummary): Promise<void> {
  if (await mayDelete(work, deletions)) {
    const kept = new Set<string>()
    await runAtOnce(planDeletions(work.plan()), IN_FLIGHT, async (deletion) => {
      const { type, path } = deletion
      if (type === 'keep') kept.add(path)
      else await deleteOne(work, path, deletion.target)
    })
    if (conflict > 0) await tellConflicts(work, ({ path }) => kept.has(path))
  } else if (conflict > 0) {
    await tellConflicts(work, () => true)
  }
}

async function mayDelete(work: SyncWork, planned: number): Promise<boolean> {
  const { delete: wanted, maxDelete } = work.options
  if (wanted === undefined || planned === 0) return false
  if (maxDelete !== undefined && planned > maxDelete) {
    const text = `to delete ${planned} would be more than the limit of ${maxDelete}, so nothing was deleted`
    await work.fail(new FtpError('too-many-deletions', text))
    return false
  }
  if (work.tally.failed === 0) return true
  await work.tell({ type: 'not-deleted', count: planned })
  return false
}

async function deleteOne(work: SyncWork, path: string, target: TreeEntry): Promise<void> {
  const item = work.item(path)
  const outcome = await work.change(item, () => work.parts.target.remove(target))
  if (outcome === 'failed') return work.block(path)
  await work.tell({ type: 'deleted', item, kind: target.type === 'directory' ? 'folder' : 'file' })
}

/** Tells of names that have another type in the target and stay there. Nothing below them is sent. */
async function tellConflicts(work: SyncWork, stays: (step: SyncStep) => boolean): Promise<void> {
  const { source, target } = work.parts
  for (const step of work.plan()) {
    if (step.type !== 'conflict' || !stays(step)) continue
    work.block(step.path)
    const item = work.item(step.path)
    const [local, remote] = source.name === 'local' ? [step.source, step.target] : [step.target, step.source]
    const text = `there is a ${nameOf(local)} here and a ${nameOf(remote)} on the server; remove one of them`
    const [code, path] =
      target.name === 'local' ? (['local-exists', item.local] as const) : (['exists', item.remote] as const)
    await work.fail(new FtpError(code, `${path}: ${text}`, { path }), item)
  }
}

function nameOf({ type }: TreeEntry): string {
  return { file: 'file', directory: 'folder', link: 'link', other: 'special file', unreadable: 'folder' }[
    type
  ]
}

import { planDeletions } from './deletions.js'
import type { SyncOptions } from './sync-options.js'
import type { SyncStep } from './sync-plan.js'

/** How many steps of each kind a plan has. What it has none of need not be looked for again. */
export interface PlanSummary extends Readonly<Record<SyncStep['type'], number>> {
  /** Names that are to be deleted; 0 if nothing is to be. */
  readonly deletions: number
}

/** Counts a plan in one pass. */
export function summarizePlan(plan: Iterable<SyncStep>, wanted: SyncOptions['delete']): PlanSummary {
  const counts = {
    'make-folder': 0,
    file: 0,
    extra: 0,
    conflict: 0,
    protected: 0,
    'left-out': 0,
    deletions: 0,
  }
  for (const { type } of planDeletions(countInto(counts, plan))) if (type === 'delete') counts.deletions++
  if (wanted === undefined) counts.deletions = 0
  return counts
}

function* countInto(
  counts: Record<SyncStep['type'], number>,
  plan: Iterable<SyncStep>,
): Generator<SyncStep, void> {
  for (const step of plan) {
    counts[step.type]++
    yield step
  }
}

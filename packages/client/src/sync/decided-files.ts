import type { FtpError } from '../errors/ftp-error.js'
import { type Decision, type DecisionOptions, decide, decideDifferent } from './decision.js'
import { DIGEST_BATCH, type FileDigests } from './file-digests.js'
import type { SyncStep } from './sync-plan.js'

export type SyncFileStep = Extract<SyncStep, { type: 'file' }>

/** A file and what to do with it; an error if its content could not be compared. */
export interface DecidedFile {
  readonly step: SyncFileStep
  readonly decision: Exclude<Decision, 'digest'> | FtpError
}

/** Decides about each file. Those that have to be read are asked for together, so that they cost few round trips. */
export async function* decideFiles(
  steps: Iterable<SyncFileStep>,
  options: DecisionOptions,
  digests: FileDigests,
): AsyncGenerator<DecidedFile, void> {
  let batch: SyncFileStep[] = []
  for (const step of steps) {
    const decision = decide(step.source, step.target, options)
    if (decision !== 'digest') yield { step, decision }
    else batch.push(step)
    if (batch.length < DIGEST_BATCH) continue
    yield* await decideByDigest(batch, options, digests)
    batch = []
  }
  if (batch.length > 0) yield* await decideByDigest(batch, options, digests)
}

async function decideByDigest(
  steps: readonly SyncFileStep[],
  options: DecisionOptions,
  digests: FileDigests,
): Promise<DecidedFile[]> {
  const results = await digests.compare(steps.map(({ path }) => path))
  return steps.map((step, index) => {
    const result = results[index]
    if (result === 'same') return { step, decision: 'unchanged' }
    if (result === 'different' && step.target !== undefined) {
      return { step, decision: decideDifferent(step.source, step.target, options) }
    }
    return { step, decision: result as FtpError }
  })
}

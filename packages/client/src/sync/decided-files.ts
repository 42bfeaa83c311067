import type { Digest, DigestAlgorithm } from '@jftp/protocol'
import { FtpError } from '../errors/ftp-error.js'
import { type Decision, type DecisionOptions, decide, decideDifferent } from './decision.js'
import type { SyncStep } from './sync-plan.js'
import type { SyncSide } from './sync-side.js'

export type FileStep = Extract<SyncStep, { type: 'file' }>

/** A file and what to do with it; an error if its content could not be compared. */
export interface DecidedFile {
  readonly step: FileStep
  readonly decision: Exclude<Decision, 'digest'> | FtpError
}

/** Files whose digests are asked for in one request. */
const BATCH_LENGTH = 256

/** Decides about each file. Those that have to be read are asked for together, so that they cost few round trips. */
export async function* decideFiles(
  steps: Iterable<FileStep>,
  options: DecisionOptions,
  digests: FileDigests,
): AsyncGenerator<DecidedFile, void> {
  let batch: FileStep[] = []
  for (const step of steps) {
    const decision = decide(step.source, step.target, options)
    if (decision !== 'digest') yield { step, decision }
    else batch.push(step)
    if (batch.length < BATCH_LENGTH) continue
    yield* await decideByDigest(batch, options, digests)
    batch = []
  }
  if (batch.length > 0) yield* await decideByDigest(batch, options, digests)
}

/** Both sides of a comparison by content. */
export class FileDigests {
  readonly #source: SyncSide
  readonly #target: SyncSide
  readonly #alg: Exclude<DigestAlgorithm, 'none'>

  constructor(source: SyncSide, target: SyncSide, alg: Exclude<DigestAlgorithm, 'none'>) {
    this.#source = source
    this.#target = target
    this.#alg = alg
  }

  /** Whether each file is the same on both sides, or why that is not known. */
  async compare(paths: readonly string[]): Promise<('same' | 'different' | FtpError)[]> {
    // Both sides read their files at the same time.
    const [ours, theirs] = await Promise.all([
      this.#source.digests(paths, this.#alg),
      this.#target.digests(paths, this.#alg),
    ])
    return paths.map((_, index) => compareDigests(ours[index], theirs[index]))
  }
}

async function decideByDigest(
  steps: readonly FileStep[],
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

function compareDigests(
  one: Digest | FtpError | undefined,
  other: Digest | FtpError | undefined,
): 'same' | 'different' | FtpError {
  if (one === undefined || other === undefined) {
    return new FtpError('protocol-error', 'the server left out the digest of a file')
  }
  if (one instanceof FtpError) return one
  if (other instanceof FtpError) return other
  return one.alg === other.alg && one.hex === other.hex ? 'same' : 'different'
}

import { FtpError } from '../errors/ftp-error.js'
import type { Progress } from '../progress.js'
import { type DecidedFile, decideFiles } from './decided-files.js'
import { FileDigests } from './file-digests.js'
import { runAtOnce } from './run-at-once.js'
import type { SyncPlace } from './sync-options.js'
import type { StepOrder, SyncStep } from './sync-plan.js'
import type { SyncWork } from './sync-work.js'

/** Requests that are sent without waiting for their answers. */
const IN_FLIGHT = 64

/** Makes the folders of that order, then compares its files and sends those that differ. */
export async function sendFiles(work: SyncWork, order: StepOrder): Promise<void> {
  await runAtOnce(stepsOf(work, 'make-folder', order), IN_FLIGHT, async ({ path }) => {
    const place = work.place(path)
    const outcome = await work.change(place, () => work.parts.target.makeFolder(path))
    if (outcome === 'failed') work.block(path)
    else await work.tell({ type: 'folder', place })
  })
  const { source, target, digest } = work.parts
  const { comparison = 'size-and-time', onExists = 'overwrite', newerThan } = work.options
  const options = { comparison, onExists, newerThan }
  const files = stepsOf(work, 'file', order)
  const decided = decideFiles(files, options, new FileDigests(source, target, digest))
  await runAtOnce(decided, IN_FLIGHT, (file) => handle(work, file))
}

function* stepsOf<T extends 'make-folder' | 'file'>(
  work: SyncWork,
  type: T,
  order: StepOrder,
): Generator<Extract<SyncStep, { type: T }>, void> {
  for (const step of work.plan()) {
    if ((step.type !== 'make-folder' && step.type !== 'file') || step.type !== type) continue
    if (step.order === order && !work.isBlocked(step.path)) yield step as Extract<SyncStep, { type: T }>
  }
}

async function handle(work: SyncWork, { step, decision }: DecidedFile): Promise<void> {
  const place = work.place(step.path)
  const { size } = step.source
  if (decision instanceof FtpError) return work.fail(decision, place)
  if (decision === 'refuse') return work.fail(taken(work, place), place)
  if (decision === 'send') return send(work, place, size)
  await work.tell({ type: decision === 'skip' ? 'skipped' : 'unchanged', place, size })
}

async function send(work: SyncWork, place: SyncPlace, size: number): Promise<void> {
  const { mode, onProgress } = work.options
  if (mode === 'plan') return work.tell({ type: 'transferred', place, size })
  await work.tell({ type: 'begun', place, size })
  await work.attempt(place, async () => {
    const report = (progress: Progress) => onProgress?.(place, progress)
    const result = await work.parts.send(place, report)
    await work.tell({ type: 'transferred', place, size, result })
  })
}

function taken(work: SyncWork, { local, remote }: SyncPlace): FtpError {
  return work.parts.target.name === 'local'
    ? new FtpError('local-exists', `${local}: there is another file of that name`, { path: local })
    : new FtpError('exists', `${remote}: there is another file of that name`, { path: remote })
}

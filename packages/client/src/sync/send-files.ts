import { FtpError } from '../errors/ftp-error.js'
import { runAtOnce } from '../run-at-once.js'
import type { TreeEvent, TreeFile } from '../tree/tree-options.js'
import { runTree } from '../tree/tree-run.js'
import type { TreeStep } from '../tree/tree-step.js'
import { type DecidedFile, decideFiles } from './decided-files.js'
import { FileDigests } from './file-digests.js'
import type { SyncItem } from './sync-options.js'
import type { StepOrder, SyncStep } from './sync-plan.js'
import type { SyncWork } from './sync-work.js'

/** Folders that are asked for without waiting for the answers. A connection leaves at most 256 requests unanswered. */
const IN_FLIGHT = 200

interface SyncFile extends TreeFile {
  readonly item: SyncItem
}

/** Makes the folders of that order. */
export async function makeFolders(work: SyncWork, order: StepOrder): Promise<void> {
  await runAtOnce(stepsOf(work, 'make-folder', order), IN_FLIGHT, async ({ path }) => {
    const item = work.item(path)
    const outcome = await work.change(item, () => work.parts.target.makeFolder(path))
    if (outcome === 'failed') work.block(path)
    else await work.tell({ type: 'folder', item })
  })
}

/** Compares the files of that order and sends those that differ. Their folders have been made. */
export async function sendFiles(work: SyncWork, order: StepOrder): Promise<void> {
  const { source, target, digest } = work.parts
  const { comparison = 'size-and-time', onExists = 'overwrite', newerThan } = work.options
  const options = { comparison, onExists, newerThan }
  const files = stepsOf(work, 'file', order)
  const decided = decideFiles(files, options, new FileDigests(source, target, digest))
  const { connections, signal } = work.options
  await runTree(work.parts.client, () => filesToSend(work, decided), {
    connections,
    signal,
    onEvent: (event) => tell(work, event),
  })
}

/** The files that have to be sent. The caller is told of the others at once. */
async function* filesToSend(
  work: SyncWork,
  files: AsyncIterable<DecidedFile>,
): AsyncGenerator<readonly TreeStep[], void> {
  for await (const { step, decision } of files) {
    const { source, path } = step
    const { size } = source
    const item = work.item(path)
    if (decision instanceof FtpError) await work.fail(decision, item)
    else if (decision === 'refuse') await work.fail(taken(work, item), item)
    else if (decision !== 'send') {
      await work.tell({ type: decision === 'skip' ? 'skipped' : 'unchanged', item, size })
    } else if (work.options.mode === 'plan') {
      await work.tell({ type: 'transferred', item, size })
    } else {
      const file: SyncFile = { path: item.remote, local: item.local, size, item }
      yield [{ type: 'file', file, run: (client, options) => work.parts.send(client, item, source, options) }]
    }
  }
}

function tell(work: SyncWork, event: TreeEvent): void | Promise<void> {
  if (!('file' in event) || event.file === undefined) return
  const { item, size } = event.file as SyncFile
  switch (event.type) {
    case 'began':
      return work.tell({ type: 'begun', item, size })
    case 'progress':
      return work.options.onProgress?.(item, event.progress)
    case 'ended':
      return work.tell({ type: 'transferred', item, size, result: event.result })
    case 'failed':
      return work.fail(event.error, item)
  }
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

function taken(work: SyncWork, { local, remote }: SyncItem): FtpError {
  return work.parts.target.name === 'local'
    ? new FtpError('local-exists', `${local}: there is another file of that name`, { path: local })
    : new FtpError('exists', `${remote}: there is another file of that name`, { path: remote })
}

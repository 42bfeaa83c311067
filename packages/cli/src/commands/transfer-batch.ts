import { FtpError, type FtpErrorCode, type Progress, type TransferResult } from '@jftp/client'
import { throwFailures } from '../output/exit-code.js'
import { canDraw } from '../output/output.js'
import { type FinishedLayout, formatFinished, formatTotals } from '../output/transfer-line.js'
import { TransferTally } from '../output/transfer-tally.js'
import { createProgressView, type ProgressMode, type ProgressView } from '../progress/progress-view.js'
import { TransferBoard, type TransferSubject } from '../progress/transfer-board.js'
import { displayWidth } from '../text/display-width.js'
import type { Context } from './context.js'
import { runPool } from './pool.js'
import { labelOf, report } from './transfer-report.js'

/** One file that is to be moved. */
export interface TransferJob {
  readonly subject: TransferSubject
  /** Bytes, if that is known before it begins. */
  readonly size: number | undefined
  run(options: { signal: AbortSignal; onProgress: (progress: Progress) => void }): Promise<TransferResult>
}

export interface BatchOptions {
  /** Transfers that are asked for without waiting. The server carries them out in this order. */
  readonly inFlight: number
  /** `stdout` if the files themselves go there, so that nothing may be drawn over them. */
  readonly occupied: 'stdout' | 'nothing'
}

const MAX_LABEL_COLUMN = 40

/**
 * Moves many files, shows their progress, and ends with a line of totals. If one file fails, the others go on,
 * unless the connection was lost or the user stopped the batch.
 */
export async function runTransfers(
  context: Context,
  jobs: readonly TransferJob[],
  options: BatchOptions,
): Promise<void> {
  const tally = new TransferTally(jobs.length)
  const board = new TransferBoard({ files: jobs.length, bytes: sizeOf(jobs) })
  context.output.endWait()
  const view = await openView(context, board, options.occupied)
  const layout = layoutFor(context, jobs)
  const failures: unknown[] = []
  let course: 'on' | 'stopped' = 'on'
  await runPool(jobs, options.inFlight, async (job) => {
    if (course === 'stopped') return
    const active = board.begin(job.subject, job.size)
    let result: TransferResult | undefined
    try {
      result = await job.run({
        signal: context.signal,
        onProgress: ({ bytes, total }) => active.update(bytes, total),
      })
      tally.done(result)
      view.finished(formatFinished(labelOf(job.subject, result), { ...result, ms: active.ms }, layout))
    } catch (error) {
      // All transfers under way fail with a lost connection; the first one has said why.
      if (course === 'on') {
        failures.push(error)
        tally.failed()
      }
      if (isFinal(error)) course = 'stopped'
    }
    active.end()
    try {
      await report(context, job.subject, result)
    } catch (error) {
      // Nobody would be told of the files that follow.
      if (course === 'on') failures.push(error)
      course = 'stopped'
    }
  })
  view.end()
  const totals = tally.totals()
  if (jobs.length > 1 || totals.failed === 0) context.output.note(formatTotals(totals))
  throwFailures(failures)
}

function layoutFor({ output }: Context, jobs: readonly TransferJob[]): FinishedLayout {
  const widest = jobs.reduce((most, { subject }) => Math.max(most, displayWidth(subject.label)), 0)
  return {
    labelColumn: Math.min(MAX_LABEL_COLUMN, widest),
    rows: jobs.length === 1 ? 'single' : 'several',
    width: output.stderr.columns || 200,
  }
}

/** The view of a batch's progress that the settings and the terminal ask for. */
export function openView(
  context: Context,
  board: TransferBoard,
  occupied: BatchOptions['occupied'],
): Promise<ProgressView> {
  const { output } = context
  return createProgressView(modeOf(context, occupied), board, {
    stderr: output.stderr,
    onPosition: ({ path, local }, bytes, total) => {
      const event = {
        v: 1,
        event: 'progress',
        path,
        ...(local === undefined ? {} : { local }),
        bytes,
        ...(total === undefined ? {} : { total }),
      } as const
      // If stdout takes no more, the next event that is waited for says so.
      output.event(event).catch(() => {})
    },
  })
}

function modeOf({ settings, output }: Context, occupied: BatchOptions['occupied']): ProgressMode {
  const { progress, verbosity, format } = settings
  if (verbosity === 'quiet' && format === 'text') return 'none'
  const hasBars = canDraw(output.stderr) && !(occupied === 'stdout' && output.stdout.isTTY)
  switch (progress) {
    case 'auto':
      return format === 'json' ? 'json' : hasBars ? 'bar' : 'lines'
    case 'bar':
      return hasBars ? 'bar' : 'lines'
    case 'json':
      return format === 'json' ? 'json' : 'none'
    default:
      return progress
  }
}

/** After these there is no connection that another transfer could use. Codes such as `busy` are about one file. */
const FINAL_CODES: readonly FtpErrorCode[] = [
  'cancelled',
  'closed',
  'connection-lost',
  'connection-refused',
  'unknown-host',
  'unreachable',
  'timeout',
  'shutting-down',
  'too-many-connections',
  'login-required',
  'login-failed',
  'not-jftp',
  'protocol-error',
]

function isFinal(error: unknown): boolean {
  return error instanceof FtpError && FINAL_CODES.includes(error.code)
}

function sizeOf(jobs: readonly TransferJob[]): number | undefined {
  return jobs.reduce<number | undefined>(
    (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  )
}

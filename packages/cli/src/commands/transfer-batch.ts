import { type FtpClient, isFinal, type Progress, type TransferResult } from '@jftp/client'
import type { TransferSubject } from '../progress/transfer-board.js'
import { displayWidth } from '../text/display-width.js'
import type { Context } from './context.js'
import { LaneLoads } from './lane-loads.js'
import { runPool } from './pool.js'
import { TransferShow, type TransferShowOptions, updating } from './transfer-show.js'

/** One file that is to be moved. */
export interface TransferJob {
  readonly subject: TransferSubject
  /** Bytes, if that is known before it begins. */
  readonly size: number | undefined
  /** The connection that the command has. With `-j` the transfer may get another one to the same server. */
  readonly client: FtpClient
  run(options: {
    client: FtpClient
    signal: AbortSignal
    onProgress: (progress: Progress) => void
  }): Promise<TransferResult>
}

export interface BatchOptions extends Pick<TransferShowOptions, 'isStdoutTaken'> {
  /** Transfers that are asked for without waiting. The server carries them out in this order. */
  readonly inFlight: number
}

const MAX_LABEL_COLUMN = 40

/**
 * Moves many files, shows their progress, and ends with a line of totals. If one file fails, the others go on,
 * unless the connection was lost or the user stopped the batch.
 */
export async function runTransfers(
  context: Context,
  jobs: readonly TransferJob[],
  { inFlight, isStdoutTaken }: BatchOptions,
): Promise<void> {
  const plan = { files: jobs.length, bytes: sizeOf(jobs), isGrowing: false } as const
  const show = await TransferShow.open(context, { plan, labelColumn: labelColumnOf(jobs), isStdoutTaken })
  const connections = isStdoutTaken ? 1 : context.settings.connections
  const others = openOthers(jobs, connections)
  const loads = new LaneLoads(1 + others.length)
  let isStopped = false
  await runPool(jobs, inFlight * connections, async (job) => {
    if (isStopped) return
    const active = show.board.begin(job.subject, job.size)
    const use = loads.begin(job.size ?? 0)
    try {
      const client = [job.client, ...others][use.lane] ?? job.client
      const result = await attempt(job, { client, signal: context.signal, onProgress: updating(active) })
      if (result.type === 'done') {
        await show.done(active, result.result)
      } else if (!isStopped) {
        // All transfers under way fail with a lost connection; the first one has said why.
        if (isFinal(result.error)) isStopped = true
        await show.failed(active, result.error)
      } else {
        await show.dropped(active)
      }
    } catch (error) {
      // Stdout is gone, so nobody would be told of the files that follow.
      if (!isStopped) show.stopped(error)
      isStopped = true
    } finally {
      use.end()
    }
  })
  await Promise.all(others.map((other) => other.close()))
  show.end()
}

/** More connections than files would have nothing to do. */
function openOthers([first, ...rest]: readonly TransferJob[], connections: number): FtpClient[] {
  if (first === undefined) return []
  return Array.from({ length: Math.min(connections - 1, rest.length) }, () => first.client.duplicate())
}

async function attempt(
  job: TransferJob,
  options: Parameters<TransferJob['run']>[0],
): Promise<{ type: 'done'; result: TransferResult } | { type: 'failed'; error: unknown }> {
  try {
    return { type: 'done', result: await job.run(options) }
  } catch (error) {
    return { type: 'failed', error }
  }
}

function labelColumnOf(jobs: readonly TransferJob[]): number {
  const widest = jobs.reduce((most, { subject }) => Math.max(most, displayWidth(subject.label)), 0)
  return Math.min(MAX_LABEL_COLUMN, widest)
}

function sizeOf(jobs: readonly TransferJob[]): number | undefined {
  return jobs.reduce<number | undefined>(
    (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  )
}

import { FtpError } from '@jftp/client'
import { printable } from '@jftp/protocol'
import type { Job, JobTable } from '../jobs/job-table.js'
import { EndedWith, throwFailures } from '../output/exit-code.js'
import { type Command, defineCommand } from './command.js'
import type { Context } from './context.js'

export const jobs: Command = defineCommand({
  dryRun: 'runs',
  arguments: [],
  flags: {},
  notes: ['A command that ends in & runs in the background, on a connection of its own:', '  put big.iso &'],
  async run(context) {
    const table = tableOf(context)
    for (const job of [...table.all]) {
      await context.output.answer(jobLine(job))
      await context.output.event({ v: 1, event: 'job', ...factsOf(job) })
      if (job.exitCode !== undefined) tellEnd(context, table, job)
    }
  },
})

export const fg: Command = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'JOB', takes: 'maybe', kinds: [[]] }],
  flags: {},
  notes: [
    'Waits for the newest job, or for the one with that number, and shows what it prints.',
    'Ctrl-C stops the job.',
  ],
  async run(context, [number]) {
    const table = tableOf(context)
    const job = table.find(number)
    const onAbort = () => table.cancel(job)
    context.signal.addEventListener('abort', onAbort)
    try {
      await finish(context, table, job)
    } finally {
      context.signal.removeEventListener('abort', onAbort)
    }
  },
})

export const wait: Command = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'JOB', takes: 'any', kinds: [[]] }],
  flags: {},
  notes: ['Waits for all jobs, or for those with these numbers. Ctrl-C stops waiting, and the jobs go on.'],
  async run(context, numbers) {
    const table = tableOf(context)
    const wanted = numbers.length === 0 ? [...table.all] : numbers.map((number) => table.find(number))
    const failures: unknown[] = []
    for (const job of wanted) {
      try {
        await finish(context, table, job)
      } catch (error) {
        if (context.signal.aborted) throw error
        failures.push(error)
      }
    }
    throwFailures(failures)
  },
})

export const kill: Command = defineCommand({
  dryRun: 'runs',
  arguments: [{ name: 'JOB', takes: 'some', kinds: [[]] }],
  flags: {},
  notes: ['The part of a file that was transferred is kept, and get -c or put -c continues from there.'],
  async run(context, numbers) {
    const table = tableOf(context)
    for (const job of numbers.map((number) => table.find(number))) {
      table.cancel(job)
      await job.ended
    }
  },
})

/** `[1]  running  put big.iso`, and on the next line the progress of its transfers. */
export function jobLine({ id, source, exitCode, output }: Job): string {
  const progress = exitCode === undefined ? output.progress() : undefined
  const line = `[${id}]  ${stateOf(exitCode)}  ${printable(source)}`
  return progress === undefined ? line : `${line}\n     ${progress}`
}

function stateOf(exitCode: number | undefined): string {
  if (exitCode === undefined) return 'running'
  return { 0: 'done', 130: 'stopped' }[exitCode] ?? `failed (${exitCode})`
}

function factsOf({ id, source, exitCode }: Job): { id: number; command: string; exitCode?: number } {
  return { id, command: source, ...(exitCode === undefined ? {} : { exitCode }) }
}

function tableOf({ jobs: table }: Context): JobTable {
  if (table !== undefined) return table
  throw new FtpError('usage', "job commands can't be used inside a background job")
}

/** Waits for a job, shows what it has printed, and fails as it did. */
async function finish(context: Context, table: JobTable, job: Job): Promise<void> {
  const exitCode = await endOf(job, context.signal)
  tellEnd(context, table, job)
  if (exitCode !== 0) throw new EndedWith(exitCode, `job ${job.id} has failed: ${job.source}`)
}

/** Resolves with the exit code of a job. Rejects if the command that waits is stopped. */
async function endOf(job: Job, signal: AbortSignal): Promise<number> {
  let stop = () => {}
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new FtpError('cancelled', 'cancelled'))
  })
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([job.ended, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Prints the output of a job, and removes the job from the table. */
function tellEnd({ output }: Context, table: JobTable, job: Job): void {
  table.remove(job)
  output.relay(job.output.take())
}

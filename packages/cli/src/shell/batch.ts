import { printable } from '@jftp/protocol'
import type { CommandEnvironment } from '../commands/command-environment.js'
import type { CommandOutcome } from '../commands/run-command.js'
import { exitCodeOf } from '../output/exit-code.js'
import { Output } from '../output/output.js'
import { startJob } from './background.js'
import { promptOf } from './prompt.js'
import { runChain } from './run-chain.js'
import { runStatement } from './run-statement.js'
import { type Chain, parseLine, type Statement } from './statement.js'

/**
 * Runs the lines of a script. It stops at the first chain that fails and ends with its exit code. The failure of
 * `-cmd` is ignored, and `@cmd` is not echoed. The echo goes to stderr. At the end it waits for its jobs; if one has
 * failed and nothing else has, it ends as that job did.
 */
export async function runBatch(
  environment: CommandEnvironment,
  lines: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<number> {
  const { jobs } = environment
  const stop = () => void jobs?.stop()
  signal.addEventListener('abort', stop)
  try {
    const exitCode = await runLines(environment, lines, signal)
    return await waitForJobs(environment, exitCode)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function runLines(
  environment: CommandEnvironment,
  lines: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<number> {
  for await (const line of lines) {
    let chains: readonly Chain[]
    try {
      chains = parseLine(line)
    } catch (error) {
      const output = new Output(environment.streams, environment.liveSettings.current, environment.program)
      output.failure(error)
      const exitCode = exitCodeOf(error)
      output.result(exitCode)
      return exitCode
    }
    for (const chain of chains) {
      if (chain.isBackground) {
        echo(environment, chain.source)
        startJob(environment, chain)
        continue
      }
      const { exitCode, leaves } = await runChain(chain.statements, (statement) =>
        runMarked(environment, statement, signal),
      )
      if (leaves || exitCode !== 0 || signal.aborted) return exitCode
    }
  }
  return 0
}

async function waitForJobs({ jobs, streams }: CommandEnvironment, exitCode: number): Promise<number> {
  let code = exitCode
  for (const job of [...(jobs?.all ?? [])]) {
    const jobsCode = await job.ended
    streams.stderr.writeNow(job.output.take())
    jobs?.remove(job)
    if (code === 0) code = jobsCode
  }
  return code
}

async function runMarked(
  environment: CommandEnvironment,
  statement: Statement,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  if (statement.type === 'local') {
    echo(environment, statement.source)
    return runStatement(environment, statement, signal)
  }
  const [first, ...words] = statement.words
  const [, marks = '', name = ''] = /^([-@]*)(.*)$/s.exec(first?.text ?? '') ?? []
  if (!marks.includes('@')) echo(environment, statement.source.slice(marks.length))
  const unmarked = { ...statement, words: [{ ...first, text: name }, ...words] }
  const end = await runStatement(environment, unmarked, signal)
  return marks.includes('-') && !end.leaves ? { ...end, exitCode: 0 } : end
}

function echo({ liveSettings, streams, remote }: CommandEnvironment, source: string): void {
  const settings = liveSettings.current
  if (settings.verbosity === 'quiet' || settings.format !== 'text') return
  streams.stderr.writeNow(`${promptOf(remote)}${printable(source)}\n`)
}

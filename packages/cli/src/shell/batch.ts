import { printable } from '@jftp/protocol'
import type { CommandEnvironment } from '../commands/command-environment.js'
import { runCommand } from '../commands/run-command.js'
import { exitCodeOf } from '../output/exit-code.js'
import { Output } from '../output/output.js'
import { promptOf } from './prompt.js'
import { type Chain, parseLine, type Statement } from './statement.js'

/**
 * Runs the lines of a script. It stops at the first chain that fails and ends with its exit code. The failure of
 * `-cmd` is ignored, and `@cmd` is not echoed. The echo goes to stderr.
 */
export async function runBatch(
  environment: CommandEnvironment,
  lines: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): Promise<number> {
  for await (const line of lines) {
    let chains: readonly Chain[]
    try {
      chains = parseLine(line)
    } catch (error) {
      const output = new Output(environment.streams, environment.settings, environment.program)
      output.failure(error)
      const exitCode = exitCodeOf(error)
      output.result(exitCode)
      return exitCode
    }
    for (const chain of chains) {
      const { exitCode, leaves } = await runChain(chain, (statement) =>
        runStatement(environment, statement, signal),
      )
      if (leaves || exitCode !== 0 || signal.aborted) return exitCode
    }
  }
  return 0
}

type Run = (statement: Statement) => ReturnType<typeof runCommand>

/** Runs the commands that `&&` and `||` select, and ends as the last one of them did. */
export async function runChain(chain: Chain, run: Run): ReturnType<typeof runCommand> {
  let end = { exitCode: 0, leaves: false }
  for (const statement of chain) {
    const runs = { always: true, 'after-success': end.exitCode === 0, 'after-failure': end.exitCode !== 0 }
    if (runs[statement.when]) end = await run(statement)
    if (end.leaves) break
  }
  return end
}

async function runStatement(
  environment: CommandEnvironment,
  statement: Statement,
  signal: AbortSignal,
): ReturnType<typeof runCommand> {
  const [first, ...words] = statement.words
  const [, marks = '', name = ''] = /^([-@]*)(.*)$/s.exec(first?.text ?? '') ?? []
  const { verbosity, format } = environment.settings
  if (!marks.includes('@') && verbosity !== 'quiet' && format === 'text') {
    const source = statement.source.slice(marks.length)
    environment.streams.stderr.writeNow(`${promptOf(environment.remote)}${printable(source)}\n`)
  }
  const end = await runCommand(environment, name, words, signal)
  return marks.includes('-') && !end.leaves ? { ...end, exitCode: 0 } : end
}

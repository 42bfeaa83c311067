import type { CommandOutcome } from '../commands/run-command.js'
import type { Statement } from './statement.js'

type Run = (statement: Statement) => Promise<CommandOutcome>

/** Runs the commands that `&&` and `||` select, and ends as the last one of them did. */
export async function runChain(statements: readonly Statement[], run: Run): Promise<CommandOutcome> {
  let end = { exitCode: 0, leaves: false }
  for (const statement of statements) {
    const runs = { always: true, 'after-success': end.exitCode === 0, 'after-failure': end.exitCode !== 0 }
    if (runs[statement.when]) end = await run(statement)
    if (end.leaves) break
  }
  return end
}

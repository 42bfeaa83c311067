import type { Output } from '../output/output.js'
import type { CommandEnvironment } from './command-environment.js'

/** What one command gets besides what it shares with others. */
export interface Context extends CommandEnvironment {
  /** Whether the last argument was a pattern that was replaced by names. */
  readonly isLastExpanded: boolean
  readonly output: Output
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
  /** Ends the shell or the batch after this command. */
  leave(exitCode: number): void
}

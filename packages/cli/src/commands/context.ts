import type { Output } from '../output/output.js'
import type { GlobalFlags } from '../settings/global-flags.js'
import type { Settings } from '../settings/settings.js'
import type { CommandEnvironment } from './command-environment.js'

/** What one command gets besides what it shares with others. */
export interface Context extends CommandEnvironment {
  /** Whether the last argument was a pattern that was replaced by names. */
  readonly isLastExpanded: boolean
  readonly output: Output
  /** The flags of this command that all commands share. */
  readonly flags: GlobalFlags
  /** With these flags. */
  readonly settings: Settings
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
  /** Ends the shell or the batch after this command. */
  leave(exitCode: number): void
}

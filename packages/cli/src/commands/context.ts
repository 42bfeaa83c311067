import type { JobTable } from '../jobs/job-table.js'
import type { LocalFolder } from '../locations/local-folder.js'
import type { RemoteSession } from '../locations/remote-session.js'
import type { TerminalTurns } from '../locations/terminal-turns.js'
import type { Output } from '../output/output.js'
import type { TransferBoard } from '../progress/transfer-board.js'
import type { Settings } from '../settings/settings.js'

/** All that a command may touch. */
export interface Context {
  /** Whether the last argument was a pattern that was replaced by names. */
  readonly isLastExpanded: boolean
  /** Whether the shell or the batch reads its lines from stdin. */
  readonly isStdinTaken: boolean
  readonly remote: RemoteSession
  readonly local: LocalFolder
  readonly output: Output
  readonly settings: Settings
  /** Commands in the background. One of them can't start others. */
  readonly jobs: JobTable | undefined
  /** Is given the transfers of each command, for whoever asks how far they are. */
  readonly watchTransfers?: ((board: TransferBoard) => void) | undefined
  readonly terminal: TerminalTurns
  /** The lines typed so far, newest first; only the shell has some. */
  readonly history: readonly string[]
  /** Runs the lines of a script. Resolves with its exit code. */
  runLines(lines: AsyncIterable<string>): Promise<number>
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
  /** Ends the shell or the batch after this command. */
  leave(exitCode: number): void
}

import type { JobTable } from '../jobs/job-table.js'
import type { Bookmarks } from '../locations/bookmarks.js'
import type { LocalFolder } from '../locations/local-folder.js'
import type { RemoteSession } from '../locations/remote-session.js'
import type { TerminalTurns } from '../locations/terminal-turns.js'
import type { Streams } from '../output/streams.js'
import type { TransferBoard } from '../progress/transfer-board.js'
import type { Aliases } from '../settings/aliases.js'
import type { LiveSettings } from '../settings/live-settings.js'

/** What the commands of one shell, one batch or one invocation share. */
export interface CommandEnvironment {
  readonly remote: RemoteSession
  readonly local: LocalFolder
  readonly terminal: TerminalTurns
  /** `from-settings` if --url or $FTP_URL names the server, `opened` if the shell or the batch opens it. */
  readonly server: 'from-settings' | 'opened'
  readonly streams: Streams
  /** Whether the shell or the batch reads its lines from stdin. */
  readonly isStdinTaken: boolean
  /** What a local program gets as stdin. */
  readonly programInput: 'inherit' | 'ignore'
  readonly liveSettings: LiveSettings
  readonly aliases: Aliases
  readonly bookmarks: Bookmarks
  /** Commands in the background. One of them can't start others. */
  readonly jobs: JobTable | undefined
  /** Is given the transfers of each command, for whoever asks how far they are. */
  readonly watchTransfers?: ((board: TransferBoard) => void) | undefined
  /** The lines typed so far, newest first; only the shell has some. */
  readonly history: readonly string[]
  /** How many scripts have run one another to come here. */
  readonly scriptDepth: number
  /** The aliases that stand for what runs now. Inside of itself an alias is no alias. */
  readonly openAliases: readonly string[]
  /** Runs the lines of a script in this environment. Resolves with its exit code. */
  runLines(
    environment: CommandEnvironment,
    lines: AsyncIterable<string>,
    signal: AbortSignal,
  ): Promise<number>
  /** The prefix of error messages; empty in the shell, where only one program talks. */
  readonly program: 'ftp: ' | ''
}

import type { Output } from '../output/output.js'
import type { LocalFolder } from '../places/local-folder.js'
import type { RemoteSession } from '../places/remote-session.js'
import type { Settings } from '../settings/settings.js'

/** All that a command may touch. */
export interface Context {
  /** The command's name or alias as it was typed. */
  readonly command: string
  /** How the last argument came about; a glob that matched files is `expanded`. */
  readonly lastArgument: 'typed' | 'expanded'
  /** Whether a command may read stdin, or the shell reads its lines there. */
  readonly stdin: 'free' | 'taken'
  readonly remote: RemoteSession
  readonly local: LocalFolder
  readonly output: Output
  readonly settings: Settings
  /** Aborts when the user has had enough. */
  readonly signal: AbortSignal
  /** Ends the shell or the batch after this command. */
  leave(exitCode: number): void
}

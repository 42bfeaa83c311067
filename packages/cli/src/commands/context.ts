import type { Output } from '../output/output.js'
import type { LocalFolder } from '../places/local-folder.js'
import type { RemoteSession } from '../places/remote-session.js'
import type { Settings } from '../settings/settings.js'

/** All that a command may touch. */
export interface Context {
  /** `expanded` if the last argument was a pattern that was replaced by names. */
  readonly lastArgument: 'typed' | 'expanded'
  /** `taken` if the shell or the batch reads its lines from stdin. */
  readonly stdin: 'free' | 'taken'
  readonly remote: RemoteSession
  readonly local: LocalFolder
  readonly output: Output
  readonly settings: Settings
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
  /** Ends the shell or the batch after this command. */
  leave(exitCode: number): void
}

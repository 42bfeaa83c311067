import type { Logins } from '../visitors/logins.js'
import type { Deadlines } from './deadline.js'
import type { SessionRecord } from './session-record.js'

/** What a server provides to each of its sessions. */
export interface SessionServices {
  /** Program and version, told to the client. */
  readonly agent: string
  /** Aborted when the server is to end: a request under way is finished, and those that wait are not begun. */
  readonly closing: AbortSignal
  readonly logins: Logins
  readonly deadlines: Deadlines
  report(record: SessionRecord): void
}

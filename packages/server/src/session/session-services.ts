import type { Digest } from '@jftp/protocol'
import type { Logins } from '../visitors/logins.js'
import type { Deadlines } from './deadline.js'
import type { SessionRecord } from './session-record.js'

/** An upload that has arrived in full. */
export interface CompleteUpload {
  /** As the client sees it. */
  readonly path: string
  readonly size: number
  readonly digest: Digest | undefined
  readonly user: string
  /** As the log and the client's errors have it. */
  readonly requestId: string
}

/** What a server provides to each of its sessions. */
export interface SessionServices {
  /** Program and version, told to the client. */
  readonly agent: string
  /** Aborted when the server is to end: a request under way is finished, and those that wait are not begun. */
  readonly closing: AbortSignal
  readonly logins: Logins
  readonly deadlines: Deadlines
  /**
   * Throws `permission-denied` if the operator does not want a complete upload; undefined if they want all. May change
   * while the session runs.
   */
  readonly acceptUpload: ((facts: CompleteUpload) => Promise<void>) | undefined
  /**
   * Keeps what is to be told of an upload that was stored; the client is answered after that. Never rejects. Undefined
   * if nobody is to be told. May change while the session runs.
   */
  readonly keepEvent: ((facts: CompleteUpload) => Promise<void>) | undefined
  report(record: SessionRecord): void
}

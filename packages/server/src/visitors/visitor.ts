import type { RateLimit } from '@jftp/transfer'
import type { Programs } from '../programs/programs.js'
import type { Storage } from '../storage/storage.js'

/** Somebody who has logged in. The storage is theirs alone: it knows their root and what they may do. */
export interface Visitor {
  readonly user: string
  /** Which token or key they have logged in by, for the log. */
  readonly credential: string | undefined
  /** The remote path a session starts in. */
  readonly home: string
  /** What is allowed in the home folder, told to the client. */
  readonly permissions: readonly string[]
  readonly storage: Storage
  /** Those that they may run. */
  readonly programs: Programs
  /** What all sessions of this visitor may move, each together with others: a rate of the server, one of the user. */
  readonly rates: readonly RateLimit[]
}

import type { RateLimit } from '@jftp/transfer'
import type { Storage } from '../storage/storage.js'
import type { Permissions } from './permissions.js'

/** Somebody who may log in: found by a login method, not yet let in. */
export interface Account {
  readonly user: string
  /** The real path of the folder that is `/` for this user. */
  readonly root: string
  /** The remote path a session starts in. */
  readonly home: string
  readonly permissions: Permissions
}

/** Somebody who has logged in. The storage is theirs alone: it knows their root and what they may do. */
export interface Visitor {
  readonly user: string
  readonly home: string
  /** What is allowed in the home folder, told to the client. */
  readonly permissions: readonly string[]
  readonly storage: Storage
  /** What all sessions of this visitor may move, each together with others: a rate of the server, one of the user. */
  readonly rates: readonly RateLimit[]
}

import type { WireError } from '@jftp/protocol'
import type { RateLimitShare } from '@jftp/transfer'
import type { PermissionRule } from './permissions.js'

/**
 * Somebody who may log in. The main thread finds out who it is, and the thread of the session lets them in, so this
 * is plain data that can be sent between threads.
 */
export interface Account {
  readonly user: string
  /** The folder that is `/` for this user: a remote path from the root that is served. */
  readonly home: string
  /** What is allowed where. Paths start at `home`. */
  readonly rules: readonly PermissionRule[]
  /** Whether the login allows less than the user may do: it is with a token that has permissions of its own. */
  readonly isLimited?: boolean | undefined
  /** Which token or key it was, as lists of them name it: no secret. Undefined if there is only one way. */
  readonly credential?: string | undefined
  /** What all sessions of this user together may move. */
  readonly rate?: RateLimitShare | undefined
  /** Whether the user has a quota, so that room has to be reserved before anything is stored. */
  readonly hasQuota?: boolean | undefined
}

/** What the main thread answers to a request to log in. */
export type LoginAnswer =
  | { readonly type: 'admitted'; readonly account: Account }
  | { readonly type: 'refused'; readonly error: WireError }

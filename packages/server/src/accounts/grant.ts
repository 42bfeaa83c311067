import type { Account } from '../visitors/account.js'
import type { Users } from './users-schema.js'

/** What a login gives a session. */
export interface Grant {
  readonly account: Account
  /** What the same credentials give when the users are these; undefined if they are refused by now. */
  renew(users: Users): Account | undefined
}

/** Whether the grant would be the same if the session logged in now. */
export function isInForce(grant: Grant, users: Users): boolean {
  const now = grant.renew(users)
  return now !== undefined && JSON.stringify(now) === JSON.stringify(grant.account)
}

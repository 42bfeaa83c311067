import type { Account } from '../visitors/account.js'
import type { UserRecord } from './users-schema.js'

/** What a session is told of a user who has logged in. Nothing secret is in it. */
export function accountOf({ name, home, permissions }: UserRecord): Account {
  return { user: name, home, rules: permissions }
}

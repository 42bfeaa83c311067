import { RateLimit } from '@jftp/transfer'
import type { Account } from '../visitors/account.js'
import type { PermissionRule } from '../visitors/permissions.js'
import type { UserRecord } from './users-schema.js'

/** Makes of users what their sessions are told. Nothing secret is in it. */
export class UserAccounts {
  /** One for each user who has a rate, so that all sessions of the user share it. */
  readonly #rates = new Map<string, RateLimit>()

  of(
    { name, home, permissions, limitRate }: UserRecord,
    rules: readonly PermissionRule[] = permissions,
  ): Account {
    if (limitRate === undefined) return { user: name, home, rules }
    const { bytesPerSecond, memory } = this.#rate(name, limitRate)
    return { user: name, home, rules, rate: { bytesPerSecond, memory } }
  }

  #rate(name: string, limitRate: number): RateLimit {
    const known = this.#rates.get(name)
    if (known?.bytesPerSecond === limitRate) return known
    const rate = new RateLimit(limitRate)
    this.#rates.set(name, rate)
    return rate
  }
}

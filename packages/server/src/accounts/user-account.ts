import { RateLimit } from '@jftp/transfer'
import type { Account } from '../visitors/account.js'
import type { PermissionRule } from '../visitors/permissions.js'
import type { UserRecord } from './users-schema.js'

/** Makes of users what their sessions are told. Nothing secret is in it. */
export class UserAccounts {
  /** One for each user who has a rate, so that all sessions of the user share it. */
  readonly #rates = new Map<string, RateLimit>()

  /** `limits`: the permissions of the login, if it allows less than the user may do. */
  of(user: UserRecord, limits?: readonly PermissionRule[]): Account {
    const { name, home, limitRate, quota } = user
    const rate = limitRate === undefined ? undefined : this.#rate(name, limitRate)
    return {
      user: name,
      home,
      rules: limits ?? user.permissions,
      ...(limits === undefined ? {} : { isLimited: true }),
      ...(rate === undefined ? {} : { rate: { bytesPerSecond: rate.bytesPerSecond, memory: rate.memory } }),
      ...(quota === undefined ? {} : { hasQuota: true }),
    }
  }

  #rate(name: string, limitRate: number): RateLimit {
    const known = this.#rates.get(name)
    if (known?.bytesPerSecond === limitRate) return known
    const rate = new RateLimit(limitRate)
    this.#rates.set(name, rate)
    return rate
  }
}

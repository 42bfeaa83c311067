import { ProtocolError } from '@jftp/protocol'
import type { Account } from '../visitors/account.js'
import type { Grant } from './grant.js'

/** Who is logged in, by the numbers of the sessions. */
export class Admissions {
  readonly #grants = new Map<number, Grant>()

  /** Throws `too-many-connections` if the user has as many sessions as they may have. */
  admit(session: number, grant: Grant, maxSessions: number | undefined): void {
    const { user } = grant.account
    if (maxSessions !== undefined && this.#count(user, session) >= maxSessions) {
      throw new ProtocolError(
        'too-many-connections',
        `${user} has ${maxSessions} sessions; close one, or try again later`,
      )
    }
    this.#grants.set(session, grant)
  }

  accountOf(session: number): Account | undefined {
    return this.#grants.get(session)?.account
  }

  end(session: number): void {
    this.#grants.delete(session)
  }

  /** The sessions whose grants are no longer in force. */
  without(isInForce: (grant: Grant) => boolean): number[] {
    return [...this.#grants].filter(([, grant]) => !isInForce(grant)).map(([session]) => session)
  }

  /** The number of sessions of a user, without the session `besides`. */
  #count(user: string, besides: number): number {
    let count = 0
    for (const [session, { account }] of this.#grants) {
      if (account.user === user && session !== besides) count++
    }
    return count
  }
}

import type { CheckQueue } from './check-queue.js'
import { type LoginMethod, refused } from './login-method.js'
import { impossibleHash, isPassword } from './password-hash.js'
import type { UserAccounts } from './user-account.js'
import type { UserRecord, Users } from './users-schema.js'

const NOBODY = impossibleHash()

/** Lets in who knows the password of a user. */
export function passwordLogin(users: () => Users, checks: CheckQueue, accounts: UserAccounts): LoginMethod {
  return {
    async login({ user: name = '', password = '' }, { client }) {
      const user = users().get(name)
      const isRight = await checks.run(client, () => isPassword(password, user?.password ?? NOBODY))
      // The user may have been removed, or have got another password, while this was checked.
      const renew = (now: Users) => {
        const same = now.get(name)
        return isSamePassword(same, user) ? accounts.of(same) : undefined
      }
      const account = isRight ? renew(users()) : undefined
      if (account === undefined) throw refused()
      checks.know(client)
      return { account, renew }
    },
  }
}

function isSamePassword(one: UserRecord | undefined, other: UserRecord | undefined): one is UserRecord {
  return one?.password !== undefined && one.password.hash === other?.password?.hash
}

import type { CheckQueue } from './check-queue.js'
import { type LoginMethod, refused } from './login-method.js'
import { impossibleHash, isPassword } from './password-hash.js'
import { accountOf } from './user-account.js'
import type { Users } from './users-schema.js'

const NOBODY = impossibleHash()

/** Lets in who knows the password of a user. */
export function passwordLogin(users: () => Users, checks: CheckQueue): LoginMethod {
  return {
    async login({ user: name, password = '' }, client) {
      const user = users().get(name)
      const isRight = await checks.run(client, () => isPassword(password, user?.password ?? NOBODY))
      // The user may have been removed, or have got another password, while this was checked.
      if (!isRight || user === undefined || users().get(name) !== user) throw refused()
      return accountOf(user)
    },
  }
}

import { type LoginStatement, loginStatementBytes, ProtocolError, SshPublicKey } from '@jftp/protocol'
import type { LoginMethod } from './login-method.js'
import type { UserAccounts } from './user-account.js'
import type { UserRecord, Users } from './users-schema.js'

interface SignedKey {
  readonly key: string
  readonly signature: string
}

/**
 * Lets in who proves to have the private half of an SSH key of a user. All keys are checked before the user is looked up,
 * so it costs the same whether there is such a user or not.
 */
export function keyLogin(users: () => Users, accounts: UserAccounts): LoginMethod {
  return {
    async login({ user: name = '', keys = [] }, { challenge, certificate }) {
      const statement = { challenge: challenge ?? '', certificate, user: name }
      const proven = challenge === undefined ? [] : keys.filter((each) => isProven(each, statement))
      const own = proven.find(({ key }) => hasKey(users().get(name), key))
      const renew = (now: Users) => {
        const user = now.get(name)
        if (own === undefined || !hasKey(user, own.key)) return undefined
        const { fingerprint } = new SshPublicKey(Buffer.from(own.key, 'base64'))
        return { ...accounts.of(user), credential: `key ${fingerprint}` }
      }
      const account = renew(users())
      if (account === undefined) throw refused()
      return { account, renew }
    },
  }
}

/** Whether any user may log in by a key. */
export function hasKeys(users: Users): boolean {
  return [...users.values()].some(({ keys }) => keys.length > 0)
}

function isProven({ key, signature }: SignedKey, statement: Omit<LoginStatement, 'key'>): boolean {
  try {
    const bytes = Buffer.from(key, 'base64')
    const data = loginStatementBytes({ ...statement, key: bytes })
    return new SshPublicKey(bytes).verifies(data, Buffer.from(signature, 'base64'))
  } catch (error) {
    // A key of a kind that nobody may have.
    if (error instanceof ProtocolError) return false
    throw error
  }
}

/** The second word of a line is the key in base64, of which there is only one form: the schema has checked it. */
function hasKey(user: UserRecord | undefined, key: string): user is UserRecord {
  return user?.keys.some((line) => line.split(' ')[1] === key) === true
}

function refused(): ProtocolError {
  return new ProtocolError(
    'login-failed',
    'there is no such user, or none of the keys is one of theirs; a proxy that ends TLS before the server also makes keys useless',
  )
}

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { ProtocolError } from '@jftp/protocol'
import { type PermissionRule, Permissions } from '../visitors/permissions.js'
import type { LoginMethod } from './login-method.js'
import type { UserAccounts } from './user-account.js'
import type { TokenRecord, UserRecord, Users } from './users-schema.js'

/** A token that was just made. The secret is nowhere else, and is shown once. */
export interface NewToken {
  readonly secret: string
  readonly record: Pick<TokenRecord, 'id' | 'hash'>
}

/** A token is 256 random bits, so a plain hash is as good as a slow one. */
export function createToken(): NewToken {
  const id = randomBytes(6).toString('hex')
  const secret = `jftp_${id}_${randomBytes(32).toString('base64url')}`
  return { secret, record: { id, hash: hashOf(secret).toString('base64') } }
}

/** Lets in who has a token of a user. */
export function tokenLogin(users: () => Users, accounts: UserAccounts): LoginMethod {
  return {
    async login({ user: name = '', token = '' }) {
      const given = hashOf(token)
      const [, id = ''] = /^jftp_([0-9a-f]{12})_/.exec(token) ?? []
      const isRight = ({ hash }: TokenRecord) => timingSafeEqual(given, Buffer.from(hash, 'base64'))
      const renew = (now: Users) => {
        const { user, record } = find(now, id) ?? {}
        if (user === undefined || record === undefined || !isRight(record) || isOver(record)) return undefined
        return { ...accounts.of(user, limitsOf(user, record)), credential: `token ${id}` }
      }
      const account = renew(users())
      if (account === undefined || (name !== '' && name !== account.user)) throw refused()
      return { account, renew }
    },
  }
}

function find(users: Users, id: string): { user: UserRecord; record: TokenRecord } | undefined {
  for (const user of users.values()) {
    const record = user.tokens.find((token) => token.id === id)
    if (record !== undefined) return { user, record }
  }
  return undefined
}

export function isOver({ expires }: TokenRecord): boolean {
  return expires !== undefined && Date.parse(expires) <= Date.now()
}

/**
 * What a token with permissions of its own allows: at most what its user may do. Where one of the two has a rule, both
 * are asked. Undefined if the token has none.
 */
export function limitsOf(
  { name, permissions }: Pick<UserRecord, 'name' | 'permissions'>,
  { permissions: limits }: Pick<TokenRecord, 'permissions'>,
): readonly PermissionRule[] | undefined {
  if (limits === undefined) return undefined
  const [user, token] = [new Permissions(name, permissions), new Permissions(name, limits)]
  const paths = new Set([...permissions, ...limits].map(({ path }) => path))
  return [...paths].map((path) => ({
    path,
    allows: user.at(path).filter((permission) => token.allows(permission, path)),
  }))
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function refused(): ProtocolError {
  return new ProtocolError(
    'login-failed',
    'the token is wrong, has expired or was removed, or is not of this user',
  )
}

import { ProtocolError } from '@jftp/protocol'
import type { LoginMethod } from './logins.js'
import { PERMISSIONS, Permissions } from './permissions.js'

/** What somebody who gives no name may do. */
export const ANONYMOUS_ACCESS = ['read', 'write'] as const
export type AnonymousAccess = (typeof ANONYMOUS_ACCESS)[number]

/** Lets everybody in who says `anonymous`. */
export function anonymousLogin(root: string, access: AnonymousAccess): LoginMethod {
  const permissions = new Permissions('anonymous', [
    { path: '/', allows: access === 'write' ? PERMISSIONS : ['list', 'read'] },
  ])
  return {
    name: 'anonymous',
    async login({ user }) {
      if (user === 'anonymous') return { user, root, home: '/', permissions }
      throw new ProtocolError(
        'login-failed',
        `this server knows no user ${JSON.stringify(user)}; log in as anonymous`,
      )
    },
  }
}

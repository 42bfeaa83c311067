import { ProtocolError } from '@jftp/protocol'
import { PERMISSIONS } from '../visitors/permissions.js'
import type { LoginMethod } from './login-method.js'

/** What a visitor without an account may do. */
export const ANONYMOUS_ACCESS = ['none', 'read', 'write'] as const
export type AnonymousAccess = (typeof ANONYMOUS_ACCESS)[number]

/** Accepts the user `anonymous` without a credential, if the server allows anonymous visitors. */
export function anonymousLogin(access: () => AnonymousAccess): LoginMethod {
  return {
    async login({ user = '' }) {
      if (user !== 'anonymous') {
        throw new ProtocolError(
          'login-failed',
          `user ${JSON.stringify(user)} must log in with a password, a token or a key`,
        )
      }
      if (access() === 'none') {
        throw new ProtocolError('login-failed', 'this server has no anonymous visitors; log in as a user')
      }
      const allows = access() === 'write' ? PERMISSIONS : (['list', 'read'] as const)
      const account = { user, home: '/', rules: [{ path: '/', allows }] }
      const granted = access()
      return { account, renew: () => (access() === granted ? account : undefined) }
    },
  }
}

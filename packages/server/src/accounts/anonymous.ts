import { ProtocolError } from '@jftp/protocol'
import { PERMISSIONS } from '../visitors/permissions.js'
import type { LoginMethod } from './login-method.js'

/** What a visitor without an account may do. */
export const ANONYMOUS_ACCESS = ['none', 'read', 'write'] as const
export type AnonymousAccess = (typeof ANONYMOUS_ACCESS)[number]

/** Lets everybody in who says `anonymous`, if anonymous visitors are let in at all. */
export function anonymousLogin(access: () => AnonymousAccess): LoginMethod {
  return {
    async login({ user = '' }) {
      if (user !== 'anonymous') {
        throw new ProtocolError('login-failed', `the user ${JSON.stringify(user)} has to prove who they are`)
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

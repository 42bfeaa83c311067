import type { RequestInput } from '@jftp/protocol'
import type { ConnectOptions } from '../call-options.js'
import { FtpError } from '../errors/ftp-error.js'

/** How a client proves who it is. */
export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'password'; readonly password: string }
  | { readonly type: 'token'; readonly token: string }

/** The user and the credentials of the options of `connect`. Throws `usage` if they do not fit together. */
export function readCredentials(
  options: ConnectOptions,
  urlUser: string | undefined,
): { user: string; credentials: Credentials } {
  const { password, token } = options
  const named = options.user ?? urlUser
  if (password !== undefined && token !== undefined) {
    throw new FtpError('usage', 'give a password or a token, not both')
  }
  // A token says by itself whose it is.
  if (token !== undefined) return { user: named ?? '', credentials: { type: 'token', token } }
  const user = named ?? 'anonymous'
  if (password === undefined) return { user, credentials: { type: 'none' } }
  if (user === 'anonymous') {
    throw new FtpError('usage', 'a password belongs to a user: name one in the URL or the option `user`')
  }
  return { user, credentials: { type: 'password', password } }
}

/** The request to log in. */
export function loginRequest(user: string, credentials: Credentials): RequestInput<'login'> {
  switch (credentials.type) {
    case 'none':
      return { user }
    case 'password':
      return { user, method: 'password', password: credentials.password }
    case 'token':
      return { ...(user === '' ? {} : { user }), method: 'token', token: credentials.token }
  }
}

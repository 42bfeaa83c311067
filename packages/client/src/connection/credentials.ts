import type { RequestInput } from '@jftp/protocol'
import type { ConnectOptions } from '../call-options.js'
import { FtpError } from '../errors/ftp-error.js'

/** How a client proves who it is. */
export type Credentials = { readonly type: 'none' } | { readonly type: 'password'; readonly password: string }

/** The user and the credentials of the options of `connect`. Throws `usage` if they do not fit together. */
export function readCredentials(options: ConnectOptions, urlUser: string | undefined) {
  const user = options.user ?? urlUser ?? 'anonymous'
  const { password } = options
  if (password === undefined) return { user, credentials: { type: 'none' } as const }
  if (user === 'anonymous') {
    throw new FtpError('usage', 'a password belongs to a user: name one in the URL or the option `user`')
  }
  return { user, credentials: { type: 'password', password } as const }
}

/** The request to log in. */
export function loginRequest(user: string, credentials: Credentials): RequestInput<'login'> {
  switch (credentials.type) {
    case 'none':
      return { user }
    case 'password':
      return { user, method: 'password', password: credentials.password }
  }
}

import { BlockList, isIP } from 'node:net'
import type { RequestInput } from '@jftp/protocol'
import type { ConnectOptions } from '../call-options.js'
import { FtpError } from '../errors/ftp-error.js'
import { formatRemoteUrl, formatServer, isSocketPath, type RemoteUrl } from '../remote-url.js'

/** How a client proves who it is. */
export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'password'; readonly password: string }
  | { readonly type: 'token'; readonly token: string }

/** The user and the credentials of the options of `connect`. Throws `usage` if they do not fit together or to the server. */
export function readCredentials(
  options: ConnectOptions,
  server: RemoteUrl,
): { user: string; credentials: Credentials } {
  const { password, token } = options
  const named = options.user ?? server.user
  if (password !== undefined && token !== undefined) {
    throw new FtpError('usage', 'give a password or a token, not both')
  }
  if (password !== undefined || token !== undefined) requireSecrecy(server)
  // A token says by itself whose it is.
  if (token !== undefined) return { user: named ?? '', credentials: { type: 'token', token } }
  const user = named ?? 'anonymous'
  if (password === undefined) return { user, credentials: { type: 'none' } }
  if (user === 'anonymous') {
    throw new FtpError('usage', 'a password belongs to a user: name one in the URL or the option `user`')
  }
  return { user, credentials: { type: 'password', password } }
}

/** Throws `usage` if others could read a password on its way to the server: without TLS it may not leave this machine. */
export function requireSecrecy(server: RemoteUrl): void {
  const { scheme, host } = server
  if (scheme === 'jftps' || isSocketPath(host) || isLoopback(host)) return
  const safe = formatRemoteUrl({ ...server, scheme: 'jftps', path: '/' })
  throw new FtpError(
    'usage',
    `without TLS others could read a password or token on its way to ${formatServer(server)}, so none is sent; write ${safe}`,
  )
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8)
  loopback.addAddress('::1', 'ipv6')
  const family = isIP(host)
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4')
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

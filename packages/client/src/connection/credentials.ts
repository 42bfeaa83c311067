import { BlockList, isIP } from 'node:net'
import type { ConnectOptions } from '../call-options.js'
import { FtpError } from '../errors/ftp-error.js'
import type { SshKey } from '../keys/ssh-key.js'
import { formatRemoteUrl, formatServer, isSocketPath, type RemoteUrl } from '../remote-url.js'

/** How a client proves who it is. */
export type Credentials =
  | { readonly type: 'none' }
  | { readonly type: 'password'; readonly password: string }
  | { readonly type: 'token'; readonly token: string }
  | { readonly type: 'keys'; readonly keys: readonly SshKey[] }

/** The user and the credentials of the options of `connect`. Throws `usage` if they do not fit together or to the server. */
export function readCredentials(
  options: ConnectOptions,
  server: RemoteUrl,
): { user: string; credentials: Credentials } {
  const { password, token, keys } = options
  const named = options.user ?? server.user
  const given = [password, token, keys].filter((each) => each !== undefined)
  if (given.length > 1) throw new FtpError('usage', 'give only one of a password, a token and keys')
  if (given.length > 0) requireSecrecy(server)
  // A token says by itself whose it is.
  if (token !== undefined) return { user: named ?? '', credentials: { type: 'token', token } }
  const user = named ?? 'anonymous'
  if (password === undefined && keys === undefined) return { user, credentials: { type: 'none' } }
  if (user === 'anonymous') {
    const what = keys === undefined ? 'a password belongs' : 'keys belong'
    throw new FtpError('usage', `${what} to a user: name one in the URL or the option \`user\``)
  }
  if (keys !== undefined) return { user, credentials: { type: 'keys', keys } }
  return { user, credentials: { type: 'password', password: password ?? '' } }
}

/**
 * Throws `usage` if others could read a password on its way to the server, or pass on the signature of a key: without
 * TLS neither may leave this machine.
 */
export function requireSecrecy(server: RemoteUrl): void {
  const { scheme, host } = server
  if (scheme === 'jftps' || isSocketPath(host) || isLoopback(host)) return
  const safe = formatRemoteUrl({ ...server, scheme: 'jftps', path: '/' })
  throw new FtpError(
    'usage',
    `without TLS others could read a password or token, or misuse a key, on its way to ${formatServer(server)}, so none is sent; write ${safe}`,
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

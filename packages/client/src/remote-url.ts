import { isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { FtpError } from './errors/ftp-error.js'

/** The port if a URL names none. */
export const DEFAULT_PORT = 9021

/** `jftps` is jftp through TLS. */
export type Scheme = 'jftp' | 'jftps'

/** Where a remote file is. */
export interface RemoteUrl {
  readonly scheme: Scheme
  /** A name or an address, IPv6 without brackets; or, from its first `/` on, the path of a Unix socket. */
  readonly host: string
  /** It means nothing for a Unix socket. */
  readonly port: number
  readonly user?: string
  /** Absolute, percent-decoded, otherwise as written: a trailing slash is kept, `..` not resolved. */
  readonly path: string
}

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/@]*)@)?(\[[^/\]]*\]|[^/:]*)(?::([^/]*))?(\/.*)?$/is

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * Reads `jftp://[user@]host[:port][/path]`, or `jftps:` for TLS; `jftp://` may be left out, as in `host`, `host:9021` or
 * `[::1]:9021`. A Unix socket is a host too, its slashes escaped: `jftp://%2Frun%2Fjftp.sock/path`. Throws `usage`.
 */
export function parseRemoteUrl(text: string): RemoteUrl {
  // This is checked first, so that no other message repeats the password.
  if (hasPassword(text)) throw new FtpError('usage', PASSWORD_IN_URL)
  const hasScheme = SCHEME.test(text)
  // isIPv6 takes milliseconds when it is called first, so it is not called for what can be no address.
  if (!hasScheme && isIPv6(text)) throw badUrl(text, `an IPv6 address is written in brackets: [${text}]`)
  const url = hasScheme ? text : `jftp://${text}`
  const [, written, user, host = '', port, path = '/'] = SHAPE.exec(url) ?? []
  if (written === undefined || text === '')
    throw badUrl(text, 'a server is written jftp://[user@]host[:port]/path')
  // `http:/host` and `C:/file` are no hosts with an empty port.
  if (url !== text && port === '') throw badUrl(text, "behind the ':' of a host comes its port")
  const scheme = written.toLowerCase()
  if (scheme !== 'jftp' && scheme !== 'jftps')
    throw badUrl(text, `the scheme must be jftp: or jftps:, not ${written}:`)
  if (/[?#]/.test(text)) {
    throw badUrl(text, "'?' and '#' have no meaning here; in a file's name write them %3F and %23")
  }
  const server = {
    scheme,
    host: parseHost(host, text),
    port: parsePort(port, text),
    path: decode(path, text),
  } as const
  if (scheme === 'jftps' && isSocketPath(server.host))
    throw badUrl(text, 'a Unix socket has no TLS, because it never leaves this machine; write jftp:')
  return user ? { ...server, user: decode(user, text) } : server
}

const PASSWORD_IN_URL =
  'a URL holds no password, because others could see it there; write jftp://NAME@host/, and give the password by FTP_PASSWORD_FILE, FTP_PASSWORD or --password-stdin, or type it when you are asked'

/**
 * Whether a text, which may also be a server without a scheme, holds a password, as `ann:secret@host` does. A secret may
 * have any character in it, so everything up to an `@` counts, unless it begins with a port: `host:9021/a@b`.
 */
export function hasPassword(text: string): boolean {
  const [, rest = ''] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/@:[\]]*:(.*)$/is.exec(text) ?? []
  return rest.includes('@') && !/^\d*(?:\/|$)/.test(rest)
}

/** The URL of a remote file or folder. Whatever a URL or a shell would not take for a part of a name is escaped. */
export function formatRemoteUrl({ scheme, host, port, user, path }: RemoteUrl): string {
  const authority = user === undefined ? '' : `${encodeURIComponent(user)}@`
  const address = formatHost(host)
  const suffix = port === DEFAULT_PORT ? '' : `:${port}`
  const names = path.split('/').map((name) => encodeURIComponent(name).replaceAll("'", '%27'))
  return `${scheme}://${authority}${address}${suffix}${names.join('/')}`
}

function formatHost(host: string): string {
  if (isSocketPath(host)) return encodeURIComponent(host)
  return host.includes(':') ? `[${host}]` : host
}

/** `host:port`, `[::1]:9021`, or the path of a Unix socket. */
export function formatHostAndPort({ host, port }: { host: string; port: number }): string {
  return isSocketPath(host) ? host : `${formatHost(host)}:${port}`
}

/** Whether a host is the path of a Unix socket. */
export function isSocketPath(host: string): boolean {
  return host.startsWith('/')
}

/** A server as people write it: `host`, `[::1]:8021`, `/run/jftp.sock`. */
export function formatServer({ host, port }: { host: string; port: number }): string {
  if (isSocketPath(host)) return host
  const name = formatHost(host)
  return port === DEFAULT_PORT ? name : `${name}:${port}`
}

function parseHost(host: string, text: string): string {
  if (host.startsWith('[')) {
    if (!URL.canParse(`http://${host}/`)) throw badUrl(text, `${host} is no IPv6 address`)
    return host.slice(1, -1)
  }
  if (host === '') throw badUrl(text, 'the host is missing')
  const decoded = decode(host, text)
  if (isSocketPath(decoded)) return decoded
  const ascii = domainToASCII(decoded)
  if (ascii === '') throw badUrl(text, `${JSON.stringify(host)} is no host name`)
  return ascii
}

function parsePort(port: string | undefined, text: string): number {
  if (port === undefined || port === '') return DEFAULT_PORT
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0
  if (number < 1 || number > 65_535) throw badUrl(text, `a port is 1 to 65535, not ${JSON.stringify(port)}`)
  return number
}

function decode(part: string, text: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(part)
  } catch {
    throw badUrl(text, "a '%' is followed by two hex digits of UTF-8; write '%' itself as %25")
  }
  if (decoded.includes('\0')) throw badUrl(text, 'a path holds no NUL character')
  return decoded
}

function badUrl(text: string, what: string): FtpError {
  return new FtpError('usage', `not a URL of jftp: ${JSON.stringify(text)}: ${what}`, { path: text })
}

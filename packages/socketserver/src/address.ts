import { isIPv4 } from 'node:net'
import { SocketServerError } from './socket-server-error.js'

/** Host and TCP or UDP port: `['127.0.0.1', 8021]`. Port 0 lets the system choose a free one. */
export type InternetAddress = readonly [host: string, port: number]

/** A path in the file system. A client that is not bound to a path has the address `''`, as in Python. */
export type UnixAddress = string

export type Address = InternetAddress | UnixAddress

/**
 * Where a server listens: an address, or a descriptor that somebody else has already opened
 * (`{ fd: listenDescriptors()[0] }`).
 */
export type ListenAddress = Address | { readonly fd: number }

/** `inet` covers what Node resolves the host to, IPv4 or IPv6; `inet6` insists on IPv6. */
export type AddressFamily = 'inet' | 'inet6' | 'unix'

/** Host and port, checked, or a descriptor. */
export function checkInternet(
  address: ListenAddress,
  family: AddressFamily,
): InternetAddress | { readonly fd: number } {
  if (typeof address === 'string') {
    throw new SocketServerError(
      'BAD_OPTION',
      `the address must be [host, port] or { fd }, not the path ${address}`,
    )
  }
  if ('fd' in address) return address
  const [host, port] = address
  if (typeof host !== 'string') throw new SocketServerError('BAD_OPTION', 'the host must be a string')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SocketServerError('BAD_OPTION', `the port must be a whole number from 0 to 65535, not ${port}`)
  }
  if (family === 'inet6' && isIPv4(host)) {
    throw new SocketServerError('BAD_OPTION', `the addressFamily inet6 needs an IPv6 host, not ${host}`)
  }
  return address
}

/** A path, or a descriptor. */
export function checkUnix(address: ListenAddress): UnixAddress | { readonly fd: number } {
  if (typeof address === 'string' && address !== '') return address
  if (typeof address === 'object' && 'fd' in address) return address
  throw new SocketServerError(
    'BAD_OPTION',
    `the address must be a path or { fd }, not ${JSON.stringify(address)}`,
  )
}

/** `allowReusePort` needs `reusePort`, which Node 22.12 and 23.1 have brought. */
export function checkReusePort(allowReusePort: boolean): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (!allowReusePort || major >= 24 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return
  throw new SocketServerError(
    'BAD_OPTION',
    `allowReusePort needs Node 22.12 or 23.1; this is ${process.version}`,
  )
}

/** A socket for both families gives an IPv4 client as `::ffff:192.0.2.1`; here that is `192.0.2.1`. */
export function plainHost(host: string): string {
  if (!host.startsWith('::ffff:')) return host
  const plain = host.slice('::ffff:'.length)
  return isIPv4(plain) ? plain : host
}

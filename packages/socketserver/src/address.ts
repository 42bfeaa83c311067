import { isIPv4 } from 'node:net'
import { inspect } from 'node:util'
import { SocketServerError } from './socket-server-error.js'

/** Host and TCP or UDP port: `['127.0.0.1', 8021]`. Port 0 lets the system choose a free one. */
export type InternetAddress = readonly [host: string, port: number]

/** A path in the file system. The address of a client that is not bound to a path is `''`, as in Python. */
export type UnixAddress = string

export type Address = InternetAddress | UnixAddress

/**
 * Where a server listens: an address, or a descriptor that somebody else has already opened
 * (`{ fd: listenDescriptors()[0] }`).
 */
export type ListenAddress = Address | { readonly fd: number }

/** In bytes: what `sun_path` of a socket address has room for. Windows has named pipes instead. */
const LONGEST_PATH = { linux: 107, darwin: 103 }[process.platform as string]

/** `inet` accepts whatever Node resolves the host to, IPv4 or IPv6; `inet6` accepts IPv6 only. */
export type AddressFamily = 'inet' | 'inet6' | 'unix'

/** Checks that the address is a valid host and port or a descriptor, and returns it. */
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
  if (isDescriptor(address)) return address
  if (!Array.isArray(address)) {
    throw new SocketServerError(
      'BAD_OPTION',
      `the address must be [host, port] or { fd }, not ${inspect(address)}`,
    )
  }
  const [host, port]: InternetAddress = address
  if (typeof host !== 'string') throw new SocketServerError('BAD_OPTION', 'the host must be a string')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new SocketServerError('BAD_OPTION', `the port must be a whole number from 0 to 65535, not ${port}`)
  }
  if (family === 'inet6' && isIPv4(host)) {
    throw new SocketServerError('BAD_OPTION', `the addressFamily inet6 needs an IPv6 host, not ${host}`)
  }
  return address
}

/** Checks that the address is a path or a descriptor, and returns it. */
export function checkUnix(address: ListenAddress): UnixAddress | { readonly fd: number } {
  if (typeof address === 'string' && address !== '') return checkPath(address)
  if (isDescriptor(address)) return address
  throw new SocketServerError('BAD_OPTION', `the address must be a path or { fd }, not ${inspect(address)}`)
}

/** Without this check the path would be cut, and the socket would be somewhere else. */
function checkPath(path: UnixAddress): UnixAddress {
  const bytes = Buffer.byteLength(path)
  if (LONGEST_PATH !== undefined && bytes > LONGEST_PATH) {
    throw new SocketServerError(
      'BAD_OPTION',
      `the path of a Unix socket may have at most ${LONGEST_PATH} bytes, and this one has ${bytes}: ${path}`,
    )
  }
  // On Linux a name that begins with NUL is not in the file system.
  if (path.includes('\0', 1)) {
    throw new SocketServerError(
      'BAD_OPTION',
      `the path must not contain a NUL character, but it is ${inspect(path)}`,
    )
  }
  return path
}

function isDescriptor(address: ListenAddress): address is { readonly fd: number } {
  if (typeof address !== 'object' || address === null || !('fd' in address)) return false
  if (Number.isInteger(address.fd) && address.fd >= 0) return true
  throw new SocketServerError(
    'BAD_OPTION',
    `fd must be the number of a descriptor, not ${inspect(address.fd)}`,
  )
}

/** `allowReusePort` needs Node's `reusePort`, which was added in Node 22.12 and 23.1. */
export function checkReusePort(allowReusePort: boolean): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (!allowReusePort || major >= 24 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)) return
  throw new SocketServerError(
    'BAD_OPTION',
    `allowReusePort needs Node 22.12 or later (23.1 or later in the 23 line); this is ${process.version}`,
  )
}

/** A socket for both families reports an IPv4 client as `::ffff:192.0.2.1`. This returns `192.0.2.1`. */
export function plainHost(host: string): string {
  if (!host.startsWith('::ffff:')) return host
  const plain = host.slice('::ffff:'.length)
  return isIPv4(plain) ? plain : host
}

import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { UsageError } from './usage-error.js'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** The system keeps a socket's path in 108 bytes, the last of them a zero, and Node cuts off what is longer. */
const MAX_SOCKET_PATH = 107

/** Who can reach an address: this machine alone, or others too, at `address`. */
export type Reach = { readonly type: 'local' } | { readonly type: 'network'; readonly address: string }

/** Looks at every address that `host` stands for. Throws UsageError if it has none. */
export async function reachOf(host: string): Promise<Reach> {
  if (host.trim() === '') {
    throw new UsageError('--host is empty; name an address to listen on, for instance 127.0.0.1')
  }
  const addresses = isIP(host) ? [host] : await addressesOf(host)
  const address = addresses.find((each) => !isLoopback(each))
  return address === undefined ? { type: 'local' } : { type: 'network', address }
}

/** Who can reach a numeric address. */
export function reachOfAddress(address: string): Reach {
  return isLoopback(address) ? { type: 'local' } : { type: 'network', address }
}

export interface Protection {
  readonly hasTls: boolean
  readonly anonymous: 'none' | 'read' | 'write' | 'by-users'
}

/** Throws UsageError if others than this machine could come in without TLS, or write without a login. */
export function checkExposure(host: string, reach: Reach, protection: Protection): void {
  if (reach.type === 'local') return
  const dangers = dangersOf(reach, protection)
  if (dangers.length === 0) return
  const { address } = reach
  const place = host === address || host === '' ? address : `${host} (${address})`
  const fixes = [
    ...(protection.hasTls ? [] : ['--tls auto']),
    ...(mayWrite(protection) ? ['--anonymous none'] : []),
  ]
  throw new UsageError(
    `refusing to listen on ${place}: ${dangers.join(', and ')}; add ${fixes.join(' ')}, or listen on 127.0.0.1, or add --insecure if you trust everybody on the network`,
  )
}

/** What others than this machine can do there that they should not. */
export function dangersOf(reach: Reach, protection: Protection): string[] {
  if (reach.type === 'local') return []
  return [
    ...(protection.hasTls
      ? []
      : ['without TLS others on the way can read passwords and files, and change them']),
    ...(mayWrite(protection) ? ['anybody who reaches it can write without a login'] : []),
  ]
}

function mayWrite({ anonymous }: Protection): boolean {
  return anonymous === 'write' || anonymous === 'by-users'
}

/** Throws UsageError if no socket can have this path. */
export function checkSocketPath(option: '--unix' | '--control', path: string): void {
  if (path === '') {
    throw new UsageError(`${option} is empty; name the path of the socket, for instance /run/jftp.sock`)
  }
  const size = Buffer.byteLength(path)
  if (size <= MAX_SOCKET_PATH) return
  throw new UsageError(
    `${option} ${path}: the path has ${size} bytes and a socket's may have ${MAX_SOCKET_PATH}; choose a shorter one`,
  )
}

/** Whether only this machine can reach the address, which is a numeric one. */
function isLoopback(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

async function addressesOf(host: string): Promise<string[]> {
  let found: { address: string }[]
  try {
    found = await lookup(host, { all: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new UsageError(
      `--host ${host} has no address${code}; check its spelling, or name the address itself, for instance 127.0.0.1`,
    )
  }
  if (found.length === 0)
    throw new UsageError(`--host ${host} has no address; name one, for instance 127.0.0.1`)
  return found.map(({ address }) => address)
}

import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { UsageError } from './usage-error.js'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** The system keeps a socket's path in 108 bytes, the last of them a zero, and Node cuts off what is longer. */
const MAX_SOCKET_PATH = 107

/**
 * There is no login and no encryption yet, so whoever reaches the port may read and write. Therefore every
 * address that `host` stands for must be one that only this machine reaches. Throws UsageError.
 */
export async function checkHost(host: string): Promise<void> {
  if (host.trim() === '') {
    throw new UsageError('--host is empty; name an address to listen on, for instance 127.0.0.1')
  }
  const addresses = isIP(host) ? [host] : await addressesOf(host)
  for (const address of addresses) checkLoopback(host, address)
}

/** Throws UsageError if others than this machine can reach the address. */
export function checkLoopback(host: string, address: string): void {
  if (isLoopback(address)) return
  throw new UsageError(
    `refusing to listen on ${host}${host === address ? '' : ` (${address})`}: without login and encryption ` +
      'anybody who reaches it could read and write; listen on 127.0.0.1 and reach it through ssh -L',
  )
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

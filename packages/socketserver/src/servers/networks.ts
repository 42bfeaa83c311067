import { BlockList, isIP } from 'node:net'
import { SocketServerError } from '../socket-server-error.js'

/**
 * A set of addresses from texts such as `192.0.2.1`, `10.0.0.0/8` and `2001:db8::/32`. Throws an error
 * with the code `BAD_OPTION` that quotes what is neither an address nor a network.
 */
export function networksOf(texts: readonly string[]): BlockList {
  const networks = new BlockList()
  for (const text of texts) {
    const [host = '', prefix, ...more] = text.split('/')
    const version = isIP(host)
    const bits = prefix === undefined ? maxBits(version) : Number(prefix)
    const isPrefix = prefix === undefined || /^\d{1,3}$/.test(prefix)
    if (version === 0 || host.includes('%') || !isPrefix || bits > maxBits(version) || more.length > 0) {
      throw new SocketServerError(
        'BAD_OPTION',
        `${JSON.stringify(text)} is no address or network such as 192.0.2.1 or 10.0.0.0/8`,
      )
    }
    networks.addSubnet(host, bits, version === 6 ? 'ipv6' : 'ipv4')
  }
  return networks
}

/** Whether a numeric address is in the set. */
export function isWithin(networks: BlockList, host: string): boolean {
  const version = isIP(host)
  return version !== 0 && networks.check(host, version === 6 ? 'ipv6' : 'ipv4')
}

function maxBits(version: number): number {
  return version === 6 ? 128 : 32
}

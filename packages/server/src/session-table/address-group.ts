import { isIP, isIPv6 } from 'node:net'
import type { Address } from '@jftp/socketserver'

/**
 * What counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address, because everybody who has
 * one IPv6 address has all that begin so. Undefined for a client on a Unix socket, which has no address.
 */
export function addressGroup(client: Address): string | undefined {
  if (typeof client === 'string') return undefined
  const [host] = client
  if (!isIPv6(host)) return host
  const words = wordsOf(host)
  const isMapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff
  if (isMapped)
    return words
      .slice(6)
      .flatMap((word) => [word >> 8, word & 0xff])
      .join('.')
  return `${words
    .slice(0, 4)
    .map((word) => word.toString(16))
    .join(':')}::/64`
}

/** The group of an address, or the group itself, as somebody has written it; undefined if it is neither. */
export function addressGroupOf(text: string): string | undefined {
  const host = text.endsWith('::/64') ? text.slice(0, -'/64'.length) : text
  return isIP(host) === 0 ? undefined : addressGroup([host, 0])
}

/** The eight 16-bit words of an IPv6 address. */
function wordsOf(address: string): number[] {
  const [withoutZone = ''] = address.split('%')
  const [head = '', tail] = withoutZone.split('::')
  const front = parse(head)
  if (tail === undefined) return front
  const back = parse(tail)
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back]
}

function parse(words: string): number[] {
  if (words === '') return []
  return words.split(':').flatMap((word) => {
    if (!word.includes('.')) return [Number.parseInt(word, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number)
    return [(a << 8) | b, (c << 8) | d]
  })
}

import { SocketAddress } from 'node:net'
import { type InternetAddress, plainHost } from '../address.js'

/**
 * The header of the PROXY protocol, version 2, with which a load balancer begins each connection:
 * 12 bytes of signature · version and command · family and transport · u16 length · addresses and ports · TLVs.
 * https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** Bytes before the addresses. */
export const FIXED_SIZE = 16

/** Longer headers are refused. One with addresses and the usual TLVs has less than 300 bytes. */
const MAX_SIZE = 4096

const VERSION = 2

/** Bytes of the addresses and ports, by the byte for family and transport: TCP over IPv4 and IPv6. */
const ADDRESS_SIZES: Readonly<Record<number, number>> = { 0x11: 12, 0x21: 36 }

/** Family and transport are not told: the connection's own address counts. */
const UNSPECIFIED = 0x00

/** The size of a header whose first `FIXED_SIZE` bytes these are. Throws if they are none. */
export function proxyHeaderSize(start: Uint8Array): number {
  if (start.length < FIXED_SIZE) throw new Error('the connection ended within the PROXY header')
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength)
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error(whatElse(bytes))
  const size = FIXED_SIZE + bytes.readUInt16BE(14)
  if (size > MAX_SIZE) throw new Error(`the PROXY header has ${size} bytes; at most ${MAX_SIZE} are taken`)
  return size
}

/**
 * The client's address in a whole header; undefined if the connection is the load balancer's own, for instance a
 * health check. TLVs are skipped. Throws if the header is malformed.
 */
export function parseProxyHeader(header: Uint8Array): InternetAddress | undefined {
  if (header.length !== proxyHeaderSize(header))
    throw new Error('the connection ended within the PROXY header')
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  const version = bytes.readUInt8(12) >> 4
  const command = bytes.readUInt8(12) & 15
  const family = bytes.readUInt8(13)
  if (version !== VERSION) throw new Error(`the PROXY header has version ${version}; version 2 is needed`)
  if (command > 1) throw new Error(`the PROXY header has the unknown command ${command}`)
  if (command === 0 || family === UNSPECIFIED) return undefined
  const size = ADDRESS_SIZES[family]
  if (size === undefined) throw new Error('the PROXY header is not for TCP over IPv4 or IPv6')
  if (bytes.length < FIXED_SIZE + size) throw new Error('the PROXY header is too short for its addresses')
  const address = bytes.subarray(FIXED_SIZE, FIXED_SIZE + size)
  // The client's address, the server's address, the client's port, the server's port.
  return [hostOf(address.subarray(0, (size - 4) / 2)), address.readUInt16BE(size - 4)]
}

function hostOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16))
  return plainHost(new SocketAddress({ address: words.join(':'), family: 'ipv6' }).address)
}

function whatElse(bytes: Buffer): string {
  if (!bytes.toString('latin1').startsWith('PROXY '))
    return 'the connection does not begin with a PROXY header'
  return 'the PROXY header has version 1; version 2 is needed (HAProxy: send-proxy-v2)'
}

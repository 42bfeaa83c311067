import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseProxyHeader, proxyHeaderSize } from './proxy-header.js'

const SIGNATURE = '0d0a0d0a000d0a515549540a'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

const header = (rest: string): Buffer => hex(`${SIGNATURE} ${rest}`)

const IPV4 = header('21 11 000c c0000207 c6336401 1f90 233d')
const IPV6 = header('21 21 0024 20010db8000000000000000000000001 20010db80000000000000000000000ff c001 233d')

describe('a header', () => {
  test('tells the address of a client over IPv4 and over IPv6', () => {
    expect(parseProxyHeader(IPV4)).toEqual(['192.0.2.7', 8080])
    expect(parseProxyHeader(IPV6)).toEqual(['2001:db8::1', 49153])
  })

  test('tells an IPv4 address in the form of IPv6 as IPv4', () => {
    const mapped = header(
      '21 21 0024 00000000000000000000ffffc0000207 00000000000000000000ffffc6336401 1f90 233d',
    )
    expect(parseProxyHeader(mapped)).toEqual(['192.0.2.7', 8080])
  })

  test('may have TLVs, which are skipped', () => {
    const withTlvs = header('21 11 0013 c0000207 c6336401 1f90 233d 04 0004 00000000')
    expect(parseProxyHeader(withTlvs)).toEqual(['192.0.2.7', 8080])
  })

  test.each([
    ['the command LOCAL', '20 00 0000'],
    ['the command LOCAL with addresses', '20 11 000c c0000207 c6336401 1f90 233d'],
    ['a family that is not told', '21 00 0000'],
    ['a family that is not told, with bytes behind it', '21 00 0003 010203'],
  ])('with %s is the load balancer’s own connection', (_name, rest) => {
    expect(parseProxyHeader(header(rest))).toBeUndefined()
  })

  test.each([
    ['version 1', hex(`${Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1').toString('hex')}`), /version 1/],
    ['no header', Buffer.alloc(16, 'x'), /does not begin with a PROXY header/],
    ['version 3', header('31 11 000c c0000207 c6336401 1f90 233d'), /version 3/],
    ['an unknown command', header('22 11 000c c0000207 c6336401 1f90 233d'), /command 2/],
    ['UDP', header('21 12 000c c0000207 c6336401 1f90 233d'), /TCP/],
    ['a Unix socket', header(`21 31 00d8 ${'00'.repeat(216)}`), /TCP/],
    ['too few bytes for IPv4', header('21 11 000b c0000207 c6336401 1f90 23'), /too short/],
    ['too few bytes for IPv6', header('21 21 000c c0000207 c6336401 1f90 233d'), /too short/],
    ['a length of 65,535', header('21 11 ffff'), /65551 bytes/],
  ])('with %s is refused', (_name, bytes, message) => {
    expect(() => parseProxyHeader(bytes)).toThrow(message)
  })
})

test('every header that is cut is refused', () => {
  for (const whole of [IPV4, IPV6]) {
    for (let size = 0; size < whole.length; size++) {
      expect(() => parseProxyHeader(whole.subarray(0, size))).toThrow(Error)
    }
  }
})

test('every address and port comes back, whatever TLVs follow', () => {
  const octets = fc.uint8Array({ minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(
      octets,
      fc.integer({ min: 0, max: 65_535 }),
      fc.uint8Array({ maxLength: 64 }),
      (host, port, tlvs) => {
        const bytes = Buffer.alloc(28 + tlvs.length)
        IPV4.copy(bytes)
        bytes.writeUInt16BE(12 + tlvs.length, 14)
        bytes.set(host, 16)
        bytes.writeUInt16BE(port, 24)
        bytes.set(tlvs, 28)
        expect(parseProxyHeader(bytes)).toEqual([host.join('.'), port])
      },
    ),
  )
})

test('whatever bytes come, they are a header of a bounded size or an Error', () => {
  const valid = fc.constantFrom(IPV4, IPV6)
  const mutated = fc
    .tuple(valid, fc.array(fc.tuple(fc.nat(51), fc.nat(255)), { maxLength: 4 }))
    .map(([bytes, changes]) => {
      const copy = Buffer.from(bytes)
      for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte
      return copy
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), mutated), (bytes) => {
      try {
        expect(proxyHeaderSize(bytes)).toBeLessThanOrEqual(4096)
        const address = parseProxyHeader(bytes)
        if (address !== undefined) expect(address[1]).toBeLessThanOrEqual(65_535)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        expect(error).not.toBeInstanceOf(RangeError)
      }
    }),
    { numRuns: 2_000 },
  )
})

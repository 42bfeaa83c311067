import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkDelivery,
  createDigester,
  DIGEST_ALGORITHMS,
  type Digest,
  type DigestAlgorithm,
} from './digest.js'

/** What `md5sum` and `sha256sum` of GNU coreutils print. */
const vectors: Record<Digest['alg'], [bytes: Uint8Array, hex: string][]> = {
  md5: [
    [Buffer.alloc(0), 'd41d8cd98f00b204e9800998ecf8427e'],
    [Buffer.from('abc'), '900150983cd24fb0d6963f7d28e17f72'],
    [Buffer.from('hello\n'), 'b1946ac92492d2347c6235b4d2611184'],
    [Buffer.alloc(1024 * 1024), 'b6d81b360a5672d80c27430f39153e2c'],
  ],
  sha256: [
    [Buffer.alloc(0), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [Buffer.from('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [Buffer.from('hello\n'), '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'],
    [Buffer.alloc(1024 * 1024), '30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58'],
  ],
}

function digestOf(alg: DigestAlgorithm, ...pieces: Uint8Array[]): Digest | undefined {
  const digester = createDigester(alg)
  for (const piece of pieces) digester.update(piece)
  return digester.digest()
}

describe.each(Object.entries(vectors))('%s', (alg, cases) => {
  test.each(cases)('is what other tools print (%#)', (bytes, hex) => {
    expect(digestOf(alg as Digest['alg'], bytes)).toEqual({ alg, hex })
  })
})

test('is the same if the number of bytes is known before, in however many pieces they come', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 })
  fc.assert(
    fc.property(fc.constantFrom('md5' as const, 'sha256' as const), pieces, (alg, bytes) => {
      const digester = createDigester(alg, Buffer.concat(bytes).length)
      for (const piece of bytes) digester.update(piece)
      expect(digester.digest()).toEqual(digestOf(alg, ...bytes))
    }),
  )
})

test('every digest in the list can be computed', () => {
  expect(DIGEST_ALGORITHMS).toEqual([...Object.keys(vectors), 'none'])
  expect(digestOf('none', Buffer.from('abc'))).toBeUndefined()
})

test('a digest does not depend on how the bytes were cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      expect(digestOf('md5', ...pieces)).toEqual(digestOf('md5', Buffer.concat(pieces)))
    }),
  )
})

describe('checkDelivery', () => {
  const md5: Digest = { alg: 'md5', hex: 'd41d8cd98f00b204e9800998ecf8427e' }
  const other: Digest = { alg: 'md5', hex: 'd41d8cd98f00b204e9800998ecf8427f' }
  const sha: Digest = {
    alg: 'sha256',
    hex: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  }
  const mismatch = expect.objectContaining({ code: 'digest-mismatch', retryable: true })

  test('accepts equal sizes and digests', () => {
    checkDelivery({ size: 0, digest: md5 }, { size: 0, digest: { ...md5 } })
    checkDelivery({ size: 5 }, { size: 5, digest: undefined })
  })

  test('refuses different sizes, even if the digests are equal', () => {
    expect(() => checkDelivery({ size: 1, digest: md5 }, { size: 0, digest: md5 })).toThrow(
      expect.objectContaining({ code: 'size-mismatch', retryable: true }),
    )
  })

  test('refuses a digest that differs, is of another kind, or is missing on one side', () => {
    expect(() => checkDelivery({ size: 0, digest: md5 }, { size: 0, digest: other })).toThrow(mismatch)
    expect(() => checkDelivery({ size: 0, digest: sha }, { size: 0, digest: md5 })).toThrow(mismatch)
    const alike: Digest = { alg: 'sha256', hex: md5.hex }
    expect(() => checkDelivery({ size: 0, digest: alike }, { size: 0, digest: md5 })).toThrow(mismatch)
    expect(() => checkDelivery({ size: 0, digest: md5 }, { size: 0 })).toThrow(mismatch)
    expect(() => checkDelivery({ size: 0 }, { size: 0, digest: md5 })).toThrow(mismatch)
  })
})

import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  checkDelivery,
  createDigester,
  DIGEST_ALGORITHMS,
  type Digest,
  type DigestAlgorithm,
  digestOf,
  prepareDigest,
} from './digest.js'

/** What `md5sum` and `sha256sum` of GNU coreutils, `b3sum` and `xxhsum -H2` print. */
const sequence = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251))

const vectors: Record<Digest['alg'], [bytes: Uint8Array, hex: string][]> = {
  md5: [
    [Buffer.alloc(0), 'd41d8cd98f00b204e9800998ecf8427e'],
    [Buffer.from('abc'), '900150983cd24fb0d6963f7d28e17f72'],
    [Buffer.from('hello\n'), 'b1946ac92492d2347c6235b4d2611184'],
    [Buffer.alloc(1024 * 1024), 'b6d81b360a5672d80c27430f39153e2c'],
    [sequence, '28cb595c158e9b74e34ae9e8da710fff'],
  ],
  sha256: [
    [Buffer.alloc(0), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [Buffer.from('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [Buffer.from('hello\n'), '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'],
    [Buffer.alloc(1024 * 1024), '30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58'],
    [sequence, 'cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa'],
  ],
  blake3: [
    [Buffer.alloc(0), 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
    [Buffer.from('abc'), '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85'],
    [Buffer.from('hello\n'), '8e4c7c1b99dbfd50e7a95185fead5ee1448fa904a2fdd778eaf5f2dbfd629a99'],
    [Buffer.alloc(1024 * 1024), '488de202f73bd976de4e7048f4e1f39a776d86d582b7348ff53bf432b987fca8'],
    [sequence, 'd93c23eedaf165a7e0be908ba86f1a7a520d568d2d13cde787c8580c5c72cc54'],
  ],
  xxh128: [
    [Buffer.alloc(0), '99aa06d3014798d86001c324468d497f'],
    [Buffer.from('abc'), '06b05ab6733a618578af5f94892f3950'],
    [Buffer.from('hello\n'), '6bba86c7e069f56d5a10b435f1c8e49c'],
    [Buffer.alloc(1024 * 1024), 'b6ef17a3448492b6918780b90550bf34'],
    [sequence, '54182c58bbb1337c42c23aeead96750d'],
  ],
}

function digestInPieces(alg: DigestAlgorithm, ...pieces: Uint8Array[]): Digest | undefined {
  const digester = createDigester(alg)
  for (const piece of pieces) digester.update(piece)
  return digester.digest()
}

const anyDigest = fc.constantFrom(...(Object.keys(vectors) as Digest['alg'][]))

beforeAll(async () => {
  for (const alg of DIGEST_ALGORITHMS) await prepareDigest(alg)
})

describe.each(Object.entries(vectors))('%s', (alg, cases) => {
  test.each(cases)('is what other tools print (%#)', (bytes, hex) => {
    expect(digestInPieces(alg as Digest['alg'], bytes)).toEqual({ alg, hex })
    expect(digestOf(alg as Digest['alg'], bytes)).toEqual({ alg, hex })
  })
})

test('is the same if the number of bytes is known before, in however many pieces they come', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 })
  fc.assert(
    fc.property(anyDigest, pieces, (alg, bytes) => {
      const digester = createDigester(alg, Buffer.concat(bytes).length)
      for (const piece of bytes) digester.update(piece)
      expect(digester.digest()).toEqual(digestInPieces(alg, ...bytes))
    }),
  )
})

test('every digest in the list can be computed', () => {
  expect(DIGEST_ALGORITHMS).toEqual([...Object.keys(vectors), 'none'])
  expect(digestInPieces('none', Buffer.from('abc'))).toBeUndefined()
  expect(digestOf('none', Buffer.from('abc'))).toBeUndefined()
})

test('a digest does not depend on how the bytes were cut', () => {
  fc.assert(
    fc.property(anyDigest, fc.array(fc.uint8Array()), (alg, pieces) => {
      expect(digestInPieces(alg, ...pieces)).toEqual(digestOf(alg, Buffer.concat(pieces)))
    }),
  )
})

test('the digest of the bytes so far is that of their beginning, and changes nothing', () => {
  fc.assert(
    fc.property(anyDigest, fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 6 }), (alg, pieces) => {
      const [digester, other] = [createDigester(alg), createDigester(alg)]
      for (const [index, piece] of pieces.entries()) {
        digester.update(piece)
        other.update(Buffer.from('something else'))
        expect(digester.soFar()).toEqual(digestOf(alg, Buffer.concat(pieces.slice(0, index + 1))))
      }
      expect(digester.digest()).toEqual(digestOf(alg, Buffer.concat(pieces)))
    }),
  )
})

test('many digests of one kind can be computed at the same time, in any order', () => {
  const step = fc.record({ file: fc.nat({ max: 3 }), piece: fc.uint8Array({ maxLength: 300 }) })
  fc.assert(
    fc.property(anyDigest, fc.array(step, { maxLength: 30 }), (alg, steps) => {
      const digesters = [0, 1, 2, 3].map(() => createDigester(alg))
      for (const { file, piece } of steps) digesters[file]?.update(piece)
      const digests = digesters.map((digester) => digester.digest())
      const files = [0, 1, 2, 3].map((file) => steps.filter((each) => each.file === file))
      expect(digests).toEqual(
        files.map((pieces) => digestOf(alg, Buffer.concat(pieces.map((each) => each.piece)))),
      )
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

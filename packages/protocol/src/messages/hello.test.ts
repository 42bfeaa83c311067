import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { DIGEST_ALGORITHMS } from '../digest.js'
import { FRAME_HEADER_SIZE, FrameType } from '../frame.js'
import { encodeJsonFrame } from '../frame-encoder.js'
import { MAX_JSON_SIZE_BEFORE_LOGIN } from '../limits.js'
import { createHello, parseHello } from './hello.js'

const payloadOf = (value: object): Uint8Array =>
  encodeJsonFrame(FrameType.HELLO, 0, value).subarray(FRAME_HEADER_SIZE)
const hello = { protocol: 'jftp', versions: { min: 1, max: 1 }, agent: 'x/1', digests: ['md5'] }
const refusal = expect.objectContaining({ code: 'protocol-error' })

test('our HELLO parses to itself and is small enough before the login', () => {
  const ours = createHello('jftp/0.1.0', ['anonymous'])
  expect(parseHello(payloadOf(ours))).toEqual(ours)
  expect(payloadOf(ours).length).toBeLessThan(MAX_JSON_SIZE_BEFORE_LOGIN)
})

test('our HELLO offers every digest, md5 first', () => {
  const { digests } = createHello('x')
  expect([...digests].sort()).toEqual([...DIGEST_ALGORITHMS].sort())
  expect(digests[0]).toBe('md5')
})

test('optional fields have defaults, and unknown fields are ignored', () => {
  expect(parseHello(payloadOf({ ...hello, future: true }))).toEqual({ ...hello, features: [], login: [] })
  const newer = { ...hello, versions: { min: 1, max: 900 }, digests: ['md5', 'blake9'] }
  expect(parseHello(payloadOf(newer))).toMatchObject(newer)
})

describe('a HELLO is a protocol-error if it has', () => {
  test.each([
    ['another protocol', { ...hello, protocol: 'ftp' }],
    ['no versions', { ...hello, versions: undefined }],
    ['half a version range', { ...hello, versions: { min: 1 } }],
    ['a negative version', { ...hello, versions: { min: -1, max: 1 } }],
    ['no agent', { ...hello, agent: undefined }],
    ['a long agent', { ...hello, agent: 'a'.repeat(257) }],
    ['no digests', { ...hello, digests: undefined }],
    ['digests of a wrong type', { ...hello, digests: [1] }],
    ['too many digests', { ...hello, digests: Array.from({ length: 33 }, String) }],
    ['too many features', { ...hello, features: Array.from({ length: 65 }, String) }],
    ['too many login methods', { ...hello, login: Array.from({ length: 17 }, String) }],
  ])('%s', (_, value) => {
    expect(() => parseHello(payloadOf(value))).toThrow(refusal)
  })

  test('no JSON', () => {
    expect(() => parseHello(Buffer.from('HELLO'))).toThrow(refusal)
  })
})

import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FRAME_HEADER_SIZE, FrameType } from '../frame.js'
import { encodeJsonFrame } from '../frame-encoder.js'
import { ProtocolError } from '../protocol-error.js'
import { COMMANDS, type CommandName } from './commands.js'
import { parseHello } from './hello.js'
import { parseAck, parseBye, parseEnd, parseEntry, parseFound } from './replies.js'
import { parseArguments, parseRequest } from './requests.js'

const payloadOf = (value: object): Uint8Array =>
  encodeJsonFrame(FrameType.ACK, 1, value).subarray(FRAME_HEADER_SIZE)
const protocolError = expect.objectContaining({ name: 'ProtocolError', code: 'protocol-error' })
const md5 = { alg: 'md5', hex: 'd41d8cd98f00b204e9800998ecf8427e' } as const
const gone = { code: 'not-found', message: 'no such file', retryable: false, path: '/a' } as const

describe('ACK', () => {
  test('a refusal is thrown with the error that was sent', () => {
    expect(() => parseAck('get', payloadOf({ ok: false, error: gone }))).toThrow(
      expect.objectContaining(gone),
    )
  })

  test('an unknown code from a newer peer becomes internal', () => {
    const error = { ...gone, code: 'haunted' }
    expect(() => parseAck('get', payloadOf({ ok: false, error }))).toThrow(
      expect.objectContaining({ code: 'internal', message: 'no such file' }),
    )
  })

  test.each([
    [{}],
    [{ ok: 'true', path: '/' }],
    [{ ok: 1, path: '/' }],
    [{ ok: false }],
    [{ ok: false, error: 'not-found' }],
    [{ ok: false, error: { code: 'not-found' } }],
    [{ ok: true, error: gone }],
    [{ ok: false, error: { ...gone, retryable: 'no' } }],
    [{ ok: false, error: { ...gone, path: null } }],
  ])('%j is neither a success nor a refusal', (body) => {
    expect(() => parseAck('pwd', payloadOf(body))).toThrow(protocolError)
  })

  test('a message of more than 1024 characters is a protocol-error', () => {
    const refusal = (length: number) =>
      payloadOf({ ok: false, error: { ...gone, message: 'x'.repeat(length) } })
    expect(() => parseAck('pwd', refusal(1024))).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(() => parseAck('pwd', refusal(1025))).toThrow(protocolError)
  })
})

describe('END', () => {
  test.each([
    [{ size: 0, digest: md5 }],
    [{ size: 7, digest: { alg: 'sha256', hex: 'ab'.repeat(32) } }],
    [{ size: 9 }],
  ])('%j is complete', (end) => {
    expect(parseEnd(payloadOf(end))).toEqual({ type: 'complete', ...end })
  })

  test.each([[{ error: gone }], [{ error: { code: 'changed', message: 'it grew', retryable: true } }]])(
    '%j is a failure',
    (end) => {
      expect(parseEnd(payloadOf(end))).toEqual({ type: 'failed', ...end })
    },
  )

  test.each([
    [{}],
    [{ digest: md5 }],
    [{ size: -1 }],
    [{ size: 1.5 }],
    [{ size: '1' }],
    [{ size: 1, digest: null }],
    [{ size: 1, digest: 'd41d8cd98f00b204e9800998ecf8427e' }],
    [{ size: 1, digest: { ...md5, hex: md5.hex.toUpperCase() } }],
    [{ size: 1, digest: { ...md5, hex: md5.hex.slice(1) } }],
    [{ size: 1, digest: { ...md5, hex: `${md5.hex}\n` } }],
    [{ size: 1, digest: { alg: 'sha256', hex: md5.hex } }],
    [{ size: 1, digest: { alg: 'none', hex: '' } }],
    [{ size: 1, digest: { alg: 'crc32', hex: '00000000' } }],
  ])('%j is a protocol-error', (end) => {
    expect(() => parseEnd(payloadOf(end))).toThrow(protocolError)
  })

  test('a malformed error is a protocol-error and never a success', () => {
    for (const error of ['not-found', { code: 5 }, null, {}, []]) {
      expect(() => parseEnd(payloadOf({ size: 0, digest: md5, error }))).toThrow(protocolError)
      expect(() => parseEnd(payloadOf({ error }))).toThrow(protocolError)
    }
  })

  test('an error beside a size or a digest is a protocol-error', () => {
    expect(() => parseEnd(payloadOf({ size: 0, error: gone }))).toThrow(protocolError)
    expect(() => parseEnd(payloadOf({ digest: md5, error: gone }))).toThrow(protocolError)
    expect(() => parseEnd(payloadOf({ size: 0, digest: md5, error: gone }))).toThrow(protocolError)
  })
})

describe('BYE', () => {
  test('parses with and without an error', () => {
    expect(parseBye(payloadOf({}))).toBeUndefined()
    expect(parseBye(payloadOf({ error: gone }))).toMatchObject(gone)
    expect(() => parseBye(payloadOf({ error: 'x' }))).toThrow(protocolError)
  })
})

describe('an entry', () => {
  const file = { name: 'a', type: 'file', size: 1, mtime: 2, mode: 0o644 }

  test.each([
    [file],
    [{ ...file, name: '-x "\n€' }],
    [{ ...file, type: 'link', target: '../b' }],
    [{ ...file, name: '\ufffd', rawName: '/w==' }],
  ])('%j parses to itself', (entry) => {
    expect(parseEntry(JSON.stringify(entry))).toEqual(entry)
  })

  test.each([
    [''],
    ['{'],
    ['null'],
    ['[]'],
    [JSON.stringify({ ...file, type: 'socket' })],
    [JSON.stringify({ ...file, mode: -1 })],
    [JSON.stringify({ ...file, name: '../a' })],
    [JSON.stringify({ ...file, name: 'a\0' })],
    [JSON.stringify({ ...file, rawName: '%ff' })],
    [JSON.stringify({ ...file, name: undefined })],
    [JSON.stringify({ ...file, mtime: 1.5 })],
  ])('%j is a protocol-error', (line) => {
    expect(() => parseEntry(line)).toThrow(protocolError)
  })

  test('that nests a million arrays is a protocol-error', () => {
    expect(() => parseEntry('['.repeat(1_000_000))).toThrow(protocolError)
  })
})

describe('something found', () => {
  const file = { path: 'a/b', type: 'file', size: 1, mtime: 2, mode: 0o644 }

  test.each([
    [file],
    [{ ...file, path: '' }],
    [{ ...file, path: '...' }],
    [{ ...file, path: 'a/.b/..c/d..' }],
    [{ ...file, type: 'directory', target: '../b' }],
    [{ ...file, path: 'a/\ufffd', rawName: '/w==' }],
    [{ path: 'a', type: 'unreadable', error: { code: 'io-error', message: 'm', retryable: false } }],
  ])('%j parses to itself', (found) => {
    expect(parseFound(JSON.stringify(found))).toEqual(found)
  })

  test.each([
    ['{'],
    ['null'],
    [JSON.stringify({ ...file, path: '/a' })],
    [JSON.stringify({ ...file, path: 'a/' })],
    [JSON.stringify({ ...file, path: 'a//b' })],
    [JSON.stringify({ ...file, path: '..' })],
    [JSON.stringify({ ...file, path: 'a/../../b' })],
    [JSON.stringify({ ...file, path: 'a/..' })],
    [JSON.stringify({ ...file, path: '.' })],
    [JSON.stringify({ ...file, path: 'a/./b' })],
    [JSON.stringify({ ...file, path: 'a\0' })],
    [JSON.stringify({ ...file, path: undefined })],
    [JSON.stringify({ ...file, type: 'socket' })],
    [JSON.stringify({ path: 'a', type: 'unreadable' })],
    [JSON.stringify({ path: '../a', type: 'unreadable', error: gone })],
  ])('%j is a protocol-error', (line) => {
    expect(() => parseFound(line)).toThrow(protocolError)
  })
})

describe('whatever a peer sends,', () => {
  const keys = [
    'ok',
    'error',
    'code',
    'message',
    'retryable',
    'path',
    'size',
    'digest',
    'alg',
    'hex',
    'status',
    'offset',
  ]
  const more = [
    'protocol',
    'versions',
    'min',
    'max',
    'agent',
    'digests',
    'cmd',
    'from',
    'to',
    'user',
    'entry',
    '__proto__',
  ]
  const leaf = fc.oneof(
    fc.constantFrom('jftp', 'md5', 'ready', 'stored', 'skipped', 'not-found', 'put', 'f', '/'),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const { value: body } = fc.letrec((tie) => ({
    value: fc.dictionary(fc.constantFrom(...keys, ...more), fc.oneof({ maxDepth: 3 }, leaf, tie('value')), {
      maxKeys: 8,
    }),
  }))
  const commands = Object.keys(COMMANDS) as CommandName[]

  test('each parser returns or throws a ProtocolError', () => {
    fc.assert(
      fc.property(body, fc.constantFrom(...commands), (body, cmd) => {
        const payload = payloadOf(body as object)
        quietly(() => parseHello(payload))
        quietly(() => parseAck(cmd, payload))
        quietly(() => parseEnd(payload))
        quietly(() => parseBye(payload))
        quietly(() => parseEntry(Buffer.from(payload).toString()))
        quietly(() => parseFound(Buffer.from(payload).toString()))
        quietly(() => parseArguments(cmd, parseRequest(payload).args))
      }),
      { numRuns: 2000 },
    )
  })
})

function quietly(parse: () => unknown): void {
  try {
    parse()
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

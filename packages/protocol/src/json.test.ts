import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJsonPayload } from './json.js'
import { MAX_JSON_DEPTH, MAX_JSON_SIZE } from './limits.js'
import { ProtocolError } from './protocol-error.js'

const parse = (text: string): Record<string, unknown> => parseJsonPayload(Buffer.from(text))
const nested = (depth: number, open = '[', close = ']'): string =>
  `{"a":${open.repeat(depth - 1)}1${close.repeat(depth - 1)}}`
const refusal = expect.objectContaining({ name: 'ProtocolError', code: 'protocol-error' })

describe('depth', () => {
  test('of 32 is allowed, of 33 is not', () => {
    expect(parse(nested(MAX_JSON_DEPTH))).toBeTypeOf('object')
    expect(() => parse(nested(MAX_JSON_DEPTH + 1))).toThrow('a JSON payload nests deeper than 32')
    expect(parse(nested(MAX_JSON_DEPTH, '{"b":', '}'))).toBeTypeOf('object')
    expect(() => parse(nested(MAX_JSON_DEPTH + 1, '{"b":', '}'))).toThrow(
      'a JSON payload nests deeper than 32',
    )
  })

  test('is limited for a payload of nothing but brackets', () => {
    expect(() => parse('['.repeat(MAX_JSON_SIZE))).toThrow(refusal)
    expect(() => parse(`${']'.repeat(1000)}${'['.repeat(1000)}`)).toThrow(refusal)
  })

  test('does not count brackets in strings or brackets that were closed', () => {
    const name = `${'['.repeat(100)}\\"${'{'.repeat(100)}\\\\`
    expect(parse(`{"a":"${name}"}`)['a']).toHaveLength(202)
    expect(parse(`{"a":[${'[],{},'.repeat(100)}1]}`)['a']).toHaveLength(201)
    expect(() => parse(`{"a\\\\":${'['.repeat(32)}${']'.repeat(32)}}`)).toThrow('nests deeper')
  })

  test('is the same as in the parsed value', () => {
    const brackets = fc.string({ unit: fc.constantFrom(...'[]{}"\\,') })
    const wrapped = fc
      .array(fc.oneof(brackets, fc.constant(undefined)), { maxLength: 45, size: 'max' })
      .map((keys) =>
        keys.reduce<unknown>((inner, key) => (key === undefined ? [[], inner] : { [key]: inner }), 'x'),
      )
    fc.assert(
      fc.property(wrapped, brackets, (inner, key) => {
        const value = { [key]: inner }
        const text = JSON.stringify(value)
        if (depthOf(value) <= MAX_JSON_DEPTH) expect(JSON.stringify(parse(text))).toBe(text)
        else expect(() => parse(text)).toThrow('nests deeper')
      }),
    )
  })
})

test.each([
  ['an array', '[]'],
  ['a string', '"{}"'],
  ['a number', '17'],
  ['null', 'null'],
  ['a cut object', '{"a":1'],
  ['two objects', '{}{}'],
  ['a trailing comma', '{"a":1,}'],
  ['a comment', '{}//'],
  ['a byte order mark', '\ufeff{}'],
  ['NUL around it', '\0{}'],
  ['single quotes', "{'a':1}"],
  ['nothing but spaces', '  '],
])('%s is refused', (_, text) => {
  expect(() => parse(text)).toThrow(refusal)
})

test.each([
  ['a lone continuation byte', [0x80]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ['a cut sequence', [0xe2, 0x82]],
])('%s is refused as invalid UTF-8', (_, bytes) => {
  const payload = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])
  expect(() => parseJsonPayload(payload)).toThrow(refusal)
})

test('white space around it is allowed', () => {
  expect(parse(' \t{ "a" : 1 }\r\n\r\n')).toEqual({ a: 1 })
})

test('__proto__ is an ordinary field', () => {
  const value = parse('{"__proto__":{"admin":true}}')
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect((value as { admin?: boolean }).admin).toBeUndefined()
})

test('any bytes are parsed as an object or refused with protocol-error', () => {
  const text = fc.string({ unit: fc.constantFrom(...'[]{}":,\\u0dé\ud800"'), maxLength: 60 })
  const bytes = fc.oneof(
    fc.uint8Array(),
    text.map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(bytes, (payload) => {
      try {
        expect(parseJsonPayload(payload)).toBeTypeOf('object')
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
        expect(error).toMatchObject({ code: 'protocol-error' })
      }
    }),
    { numRuns: 2000 },
  )
})

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

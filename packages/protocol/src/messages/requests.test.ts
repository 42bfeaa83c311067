import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { parseArguments, parseRequest } from './requests.js'

describe('values at their limits', () => {
  test.each([
    ['get', { path: 'a'.repeat(8193) }],
    ['login', { user: 'a'.repeat(257) }],
    ['get', { path: 'f', digest: 'crc32' }],
    ['put', { path: 'f', size: -1 }],
    ['put', { path: 'f', size: 2 ** 53 }],
    ['put', { path: 'f', size: '5' }],
    ['put', { path: 'f', mode: 0o10000 }],
    ['put', { path: 'f', mtime: 0.5 }],
    ['put', { path: 'f', eager: 1 }],
    ['put', { path: 'f', onExists: 'toString' }],
    ['put', {}],
    ['mv', { from: 'a' }],
  ] as const)('%s %j is a bad request', (cmd, args) => {
    expect(() => parseArguments(cmd, args)).toThrow(expect.objectContaining({ code: 'bad-request' }))
  })
})

describe('a request', () => {
  test('must name its command by a string', () => {
    for (const text of ['{}', '{"cmd":1}', '{"cmd":null}', '{"cmd":["pwd"]}', '{"Cmd":"pwd"}']) {
      expect(() => parseRequest(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'bad-request' }))
    }
  })

  test('that is not JSON is a protocol-error', () => {
    expect(() => parseRequest(Buffer.from('PUT /a'))).toThrow(
      expect.objectContaining({ code: 'protocol-error' }),
    )
  })

  test('for an unknown command parses, so that it can be refused by its name', () => {
    expect(parseRequest(Buffer.from('{"cmd":"SITE","x":1}'))).toEqual({ cmd: 'SITE', args: { x: 1 } })
  })
})

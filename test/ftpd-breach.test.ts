import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_JSON_SIZE_BEFORE_LOGIN } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { daemon, root, serveRoot } from './served-root.js'
import { staged, visible } from './temp-folder.js'

const login = () => [say.hello(), say.login()]

/** A frame of any type and length field. */
function frame(type: number, payload: Uint8Array | string, { id = 1, flags = 0, length = -1 } = {}): Buffer {
  const bytes = Buffer.from(payload)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(length < 0 ? bytes.length : length)
  header.writeUInt8(type, 4)
  header.writeUInt8(flags, 5)
  header.writeUInt16BE(id, 6)
  return Buffer.concat([header, bytes])
}

const http = 'GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8\r\n\r\n'
const nested = `{"cmd":"pwd","x":${'['.repeat(40)}${']'.repeat(40)}}`

/** What a client may not say. */
const breaches: [what: string, frames: () => Uint8Array[]][] = [
  ['HTTP', () => [Buffer.from(http)]],
  ['TLS', () => [Buffer.from('16030100f8010000f40303', 'hex'), Buffer.alloc(240, 7)]],
  ['zeroes', () => [Buffer.alloc(4096)]],
  ['a REQUEST before HELLO', () => [say.login()]],
  ['DATA before HELLO', () => [say.data(1, 'x')]],
  ['another protocol’s HELLO', () => [frame(1, '{"protocol":"sftp"}')]],
  ['a second HELLO', () => [...login(), say.hello()]],
  ['DATA before login', () => [say.hello(), say.data(1, 'x')]],
  ['a body for an id nobody has', () => [...login(), say.data(9, 'x')]],
  ['an END for an id nobody has', () => [...login(), say.end(9, 'x')]],
  ['a body for a get', () => [...login(), say.request(1, 'get', { path: '/large' }), say.data(1, 'x')]],
  ['a body before `ready`', () => [...login(), say.request(1, 'put', { path: '/x' }), say.data(1, 'x')]],
  ['a body after END', () => [...login(), say.eagerPut(1, '/stored', 'x'), say.data(1, 'x')]],
  [
    'an id in use',
    () => [...login(), say.request(1, 'put', { path: '/x', eager: true }), say.request(1, 'pwd')],
  ],
  ['an ACK', () => [...login(), frame(3, '{"ok":true}')]],
  ['an unknown type', () => [...login(), frame(10, '')]],
  ['flags', () => [...login(), frame(6, '', { flags: 1 })]],
  ['a CANCEL with a payload', () => [...login(), frame(6, 'x')]],
  ['empty DATA', () => [...login(), frame(4, '')]],
  ['DATA over the limit', () => [...login(), frame(4, '', { length: 1024 * 1024 + 1 })]],
  ['JSON over the limit', () => [...login(), frame(2, '', { length: 64 * 1024 + 1 })]],
  [
    'JSON over the limit before login',
    () => [say.hello(), frame(2, '', { length: MAX_JSON_SIZE_BEFORE_LOGIN + 1 })],
  ],
  ['a length of 4 GiB', () => [...login(), frame(4, '', { length: 0xffff_ffff })]],
  ['no JSON', () => [...login(), frame(2, '{"cmd":')]],
  ['JSON that is no object', () => [...login(), frame(2, '["pwd"]')]],
  ['JSON that nests too deep', () => [...login(), frame(2, nested)]],
  ['bad UTF-8', () => [...login(), frame(2, Buffer.from([0x7b, 0xff, 0x7d]))]],
]

describe.each(SERVERS)('%s', (_name, args) => {
  serveRoot(args, () => {
    writeFileSync(join(root, 'large'), Buffer.alloc(8 * 1024 * 1024))
  })

  test.each(breaches)('%s ends the connection with BYE protocol-error', async (_what, frames) => {
    using other = await RawClient.login(daemon.place)
    using client = await RawClient.connect(daemon.place)
    client.send(...frames())
    const said = await client.rest()
    expect(said.at(-1)?.type).toBe('BYE')
    expect(errorCode(said.at(-1)?.json)).toBe('protocol-error')
    expect(await other.ask(1, 'pwd')).toMatchObject({ ok: true })
    expect(visible(root).filter((name) => name === 'x')).toEqual([])
    expect(staged(root)).toEqual([])
  })

  test('a version nobody speaks is `unsupported`', async () => {
    using client = await RawClient.connect(daemon.place)
    const hello = { protocol: 'jftp', versions: { min: 7, max: 9 }, agent: 'future/1', digests: ['md5'] }
    client.send(frame(1, JSON.stringify(hello), { id: 0 }))
    const said = await client.rest()
    expect(said.map(({ type }) => type)).toEqual(['HELLO', 'BYE'])
    expect(errorCode(said.at(-1)?.json)).toBe('unsupported')
  })

  const refusals: [what: string, code: string, request: [string, Record<string, unknown>]][] = [
    ['a command there is not', 'unknown-command', ['format', {}]],
    ['a name of Object’s own', 'unknown-command', ['constructor', {}]],
    ['__proto__', 'unknown-command', ['__proto__', {}]],
    ['no path', 'bad-request', ['stat', {}]],
    ['a path of another type', 'bad-request', ['stat', { path: 7 }]],
    ['an empty path', 'bad-request', ['stat', { path: '' }]],
    ['NUL in a path', 'bad-request', ['stat', { path: '/a\0b' }]],
    ['.. above the root', 'bad-request', ['get', { path: '/a/../../etc/passwd' }]],
    ['.. relative', 'bad-request', ['get', { path: '../x' }]],
    ['.. with backslashes', 'bad-request', ['get', { path: '..\\x' }]],
    ['half a character', 'bad-request', ['stat', { path: '/\ud800' }]],
    ['a name of 256 bytes', 'bad-request', ['stat', { path: `/${'x'.repeat(256)}` }]],
    ['a path of 5000 bytes', 'bad-request', ['stat', { path: '/x'.repeat(2500) }]],
    ['a negative size', 'bad-request', ['put', { path: '/x', size: -1 }]],
    ['a fraction for a size', 'bad-request', ['put', { path: '/x', size: 0.5 }]],
    ['a digest there is not', 'bad-request', ['put', { path: '/x', digest: 'crc7' }]],
    ['the server’s own folder', 'permission-denied', ['ls', { path: '/.jftp' }]],
  ]
  test.each(refusals)(
    '%s is refused with %s, and the connection goes on',
    async (_what, code, [cmd, args]) => {
      using client = await RawClient.login(daemon.place)
      expect(errorCode(await client.ask(1, cmd, args))).toBe(code)
      expect(await client.ask(2, 'pwd')).toMatchObject({ ok: true })
    },
  )

  test('before login nothing but login and ping is done', async () => {
    using client = await RawClient.connect(daemon.place)
    client.send(say.hello(), say.request(1, 'ping'), say.eagerPut(2, '/x', 'x'))
    client.send(
      say.request(3, 'get', { path: '/large' }),
      say.request(4, 'login', { user: 'root' }),
      say.login(5),
    )
    const said: unknown[] = []
    for (let n = 0; n < 6; n++) {
      const frame = await client.next()
      said.push([frame?.id, errorCode(frame?.json)])
    }
    expect(said).toEqual([
      [0, 'none'],
      [1, 'none'],
      [2, 'login-required'],
      [3, 'login-required'],
      [4, 'login-failed'],
      [5, 'none'],
    ])
    expect(visible(root)).not.toContain('x')
  })
})

import { Readable, Writable } from 'node:stream'
import { connect, open } from '@jftp/client'
import { describe, expect, test, vi } from 'vitest'
import { client, connectOnce, ftpd } from './connected-client.js'

connectOnce()

const bytes = Buffer.from('x')
const wrong = (value: unknown) => value as never

test('a get in segments with a wrong option begins no connection for them', async () => {
  const duplicate = vi.spyOn(client, 'duplicate')
  for (const options of [{ segments: 300 }, { segments: 2, digest: wrong('sha1') }]) {
    await expect(client.get('/x', 'x', options)).rejects.toMatchObject({ code: 'usage' })
  }
  expect(duplicate).not.toHaveBeenCalled()
})

describe('a wrong argument is named and harms nothing else', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'digest of put',
      () => client.put(bytes, '/x', { digest: wrong('sha1') }),
      /'digest' must be 'md5', .*not "sha1"/,
    ],
    [
      'digest of get',
      () => client.get('/x', 'x', { digest: wrong('sha1') }),
      /'digest' must be 'md5', .*not "sha1"/,
    ],
    [
      'onExists of put',
      () => client.put(bytes, '/x', { onExists: wrong('replace') }),
      /'onExists' must be 'overwrite'/,
    ],
    [
      'onExists of mv',
      () => client.mv('/x', '/y', { onExists: wrong('rename') }),
      /'overwrite' or 'fail', not "rename"/,
    ],
    [
      'onProgress',
      () => client.put(bytes, '/x', { onProgress: wrong(1) }),
      /'onProgress' must be a function, not 1/,
    ],
    ['preserve', () => client.put(bytes, '/x', { preserve: wrong(true) }), /'times-and-mode', not true/],
    ['mode', () => client.put(bytes, '/x', { mode: 0o100644 }), /permission bits from 0 to 4095, not 33188/],
    ['mode, a text,', () => client.put(bytes, '/x', { mode: wrong('644') }), /permission bits.*not "644"/],
    ['signal', () => client.stat('/', { signal: wrong('stop') }), /'signal' must be an AbortSignal/],
    ['signal of ping', () => client.ping({ signal: wrong({}) }), /'signal' must be an AbortSignal/],
    ['parents', () => client.mkdir('/x', { parents: wrong('yes') }), /'parents' must be true or false/],
    [
      'recursive',
      () =>
        client
          .list('/', { recursive: wrong(1) })
          [Symbol.asyncIterator]()
          .next(),
      /true or false/,
    ],
    ['options', () => client.put(bytes, '/x', wrong(null)), /options must be an object, not null/],
    ['options of get', () => client.get('/x', 'x', wrong(null)), /options must be an object, not null/],
    ['options of rm', () => client.rm('/x', wrong('force')), /options must be an object, not "force"/],
    ['source', () => client.put(wrong(5), '/x'), /what is put is a path, .*not 5/],
    ['source, null,', () => client.put(wrong(null), '/x'), /what is put is a path, .*not null/],
    ['source, an object,', () => client.put(wrong({}), '/x'), /what is put is a path/],
    ['source, an empty path,', () => client.put('', '/x'), /local path is empty/],
    ['source, a path with NUL,', () => client.put('a\0b', '/x'), /NUL/],
    ['sink', () => client.get('/x', wrong(5)), /a get goes to a path, .*not 5/],
    ['sink, undefined,', () => client.get('/x', wrong(undefined)), /a get goes to a path/],
    ['sink, an empty path,', () => client.get('/x', ''), /local path is empty/],
    ['remote path of put', () => client.put(bytes, wrong(5)), /remote path must be a string, not 5/],
    [
      'remote path of get',
      () => client.get(wrong(undefined), 'x'),
      /remote path must be a string, not undefined/,
    ],
    ['remote path of stat', () => client.stat(wrong({})), /remote path must be a string/],
    [
      'remote path of list',
      () => client.list(wrong(5))[Symbol.asyncIterator]().next(),
      /remote path must be a string/,
    ],
    ['target of mv', () => client.mv('/x', wrong(5)), /remote path must be a string/],
  ])('%s', async (_, call, message) => {
    await expect((async () => await call())()).rejects.toMatchObject({
      name: 'FtpError',
      code: 'usage',
      message: expect.stringMatching(message),
    })
    expect((await client.stat('/')).type).toBe('directory')
  })

  test.each([
    ['timeout', { timeout: 0 }, /'timeout' must be a whole number of milliseconds/],
    ['timeout, Infinity,', { timeout: Number.POSITIVE_INFINITY }, /'timeout'/],
    ['user', { user: wrong(5) }, /'user' must be a name/],
    ['digest', { digest: wrong('sha1') }, /'digest'/],
    ['signal', { signal: wrong(1) }, /'signal'/],
    ['options', wrong(5), /options must be an object/],
  ])('%s of connect', async (_, options, message) => {
    const usage = { code: 'usage', message: expect.stringMatching(message) }
    await expect(connect(ftpd.url, options)).rejects.toMatchObject(usage)
    expect(() => open(ftpd.url, options)).toThrow(expect.objectContaining(usage))
  })

  test('the server of connect', async () => {
    await expect(connect(wrong(5))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('named by a string'),
    })
  })

  test('a stream that came with it is let go', async () => {
    const source = new Readable({ read() {} })
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
    await expect(client.put(source, '/x', wrong(null))).rejects.toMatchObject({ code: 'usage' })
    await expect(client.get('/x', sink, { digest: wrong('sha1') })).rejects.toMatchObject({ code: 'usage' })
    expect([source.destroyed, sink.destroyed]).toEqual([true, true])
  })
})

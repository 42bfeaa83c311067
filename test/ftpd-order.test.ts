import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SERVERS } from './daemon.js'
import { errorCode, passedOf, RawClient, say } from './raw-client.js'
import { daemon, root, serveRoot } from './served-root.js'
import { visible } from './temp-folder.js'

describe.each(SERVERS)('%s', (_name, args) => {
  serveRoot(args, () => {
    writeFileSync(join(root, 'file'), 'content')
  })

  test('uploads to one name in one flight come to the same as one after the other', async () => {
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/private', 'one', { mode: 0o600 }), say.eagerPut(2, '/private', 'two'))
    expect([await client.ack(1), await client.ack(2)]).toMatchObject([
      { status: 'stored' },
      { status: 'stored' },
    ])
    expect(readFileSync(join(root, 'private'), 'utf8')).toBe('two')
    expect(statSync(join(root, 'private')).mode & 0o777).toBe(0o600)
    await client.ask(3, 'rm', { path: '/private' })
  })

  test('requests of every shape in one flight are answered in their order', async () => {
    using client = await RawClient.connect(daemon.place)
    client.send(
      say.hello(),
      say.login(1),
      say.request(2, 'pwd'),
      say.eagerPut(3, '/a', 'one'),
      say.eagerPut(4, '/a', 'two', { onExists: 'fail' }),
      say.request(5, 'stat', { path: '/a' }),
      say.request(6, 'get', { path: '/a' }),
      say.request(7, 'get', { path: '/none' }),
      say.request(8, 'rm', { path: '/a' }),
      say.request(9, 'mkdir', { path: '/folder' }),
      say.request(10, 'cd', { path: '/folder' }),
      say.eagerPut(11, 'relative', 'x'),
      say.request(12, 'ls', { path: '.' }),
      say.request(13, 'nothing of ours'),
      say.bye(),
    )
    const frames = await client.rest()
    expect(frames.map(({ type, id, json }) => [type, id, json['error'] ? errorCode(json) : 'ok'])).toEqual([
      ['HELLO', 0, 'ok'],
      ['ACK', 1, 'ok'],
      ['ACK', 2, 'ok'],
      ['ACK', 3, 'ok'],
      ['ACK', 4, 'exists'],
      ['ACK', 5, 'ok'],
      ['ACK', 6, 'ok'],
      ['DATA', 6, 'ok'],
      ['END', 6, 'ok'],
      ['ACK', 7, 'not-found'],
      ['ACK', 8, 'ok'],
      ['ACK', 9, 'ok'],
      ['ACK', 10, 'ok'],
      ['ACK', 11, 'ok'],
      ['ACK', 12, 'ok'],
      ['DATA', 12, 'ok'],
      ['END', 12, 'ok'],
      ['ACK', 13, 'unknown-command'],
    ])
    expect(Buffer.from(frames[7]?.payload ?? []).toString()).toBe('one')
    expect(readFileSync(join(root, 'folder', 'relative'), 'utf8')).toBe('x')
  })

  test('what comes after an upload sees it', async () => {
    using client = await RawClient.login(daemon.place)
    for (let n = 0; n < 200; n++) {
      const id = 4 * n + 1
      client.send(
        say.eagerPut(id, '/seen', `${n}`),
        say.request(id + 1, 'get', { path: '/seen' }),
        say.request(id + 2, 'rm', { path: '/seen' }),
      )
    }
    for (let n = 0; n < 200; n++) {
      const id = 4 * n + 1
      expect(await client.ack(id)).toMatchObject({ ok: true, status: 'stored' })
      expect(await client.ack(id + 1)).toMatchObject({ ok: true })
      expect((await client.body(id + 1)).bytes.toString()).toBe(`${n}`)
      expect(await client.ack(id + 2)).toMatchObject({ ok: true })
    }
  })

  test('a client that sends its end of stream still gets all its answers', async () => {
    using client = await RawClient.connect(daemon.place)
    const gets = Array.from({ length: 2000 }, (_, n) => say.request(n + 1, 'get', { path: '/file' }))
    client.send(say.hello(), say.login(), ...gets)
    client.half()
    const frames = await client.rest()
    expect(frames.filter(({ type }) => type === 'END').map(({ id }) => id)).toEqual(gets.map((_, n) => n + 1))
    expect(frames.at(-1)?.type).toBe('END')
  })

  test('an upload that is not whole when the stream ends is not stored; what is whole is', async () => {
    using client = await RawClient.login(daemon.place)
    const half = [say.request(2, 'put', { path: '/half', eager: true, size: 8 }), say.data(2, 'four')]
    client.send(say.eagerPut(1, '/whole', 'whole'), ...half)
    client.half()
    expect((await client.rest()).map(({ id, json }) => [id, errorCode(json)])).toEqual([
      [1, 'none'],
      [2, 'cancelled'],
    ])
    expect(visible(root)).toContain('whole')
    expect(visible(root)).not.toContain('half')
  })

  test('a PING is answered ahead of requests that wait', async () => {
    using client = await RawClient.login(daemon.place)
    client.send(say.request(1, 'put', { path: '/ready' }))
    expect(await client.ack(1)).toMatchObject({ status: 'ready' })
    client.send(say.request(2, 'pwd'), say.ping(77))
    expect(await client.next()).toMatchObject({ type: 'PONG', id: 77 })
    client.send(say.data(1, 'x'), say.end(1, 'x'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored', ...passedOf('x') })
    expect(await client.ack(2)).toMatchObject({ ok: true })
  })

  test('an id may be used again once its last answer is there', async () => {
    using client = await RawClient.login(daemon.place)
    for (let n = 0; n < 3; n++) {
      client.send(say.eagerPut(5, '/again', `${n}`))
      expect(await client.ack(5)).toMatchObject({ status: 'stored' })
      expect(await client.ask(5, 'get', { path: '/again' })).toMatchObject({ ok: true })
      expect((await client.body(5)).bytes.toString()).toBe(`${n}`)
    }
  })
})

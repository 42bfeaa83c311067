import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { daemon, root, serveRoot } from './served-root.js'
import { staged, visible } from './temp-folder.js'

const MiB = 1024 * 1024
const GiB = 1024 * MiB

describe.each(SERVERS)('%s', (_name, args) => {
  serveRoot(args, () => {
    // Holes: large for those who read it, nothing on the disk.
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 4 * GiB)
    for (let n = 0; n < 20_000; n++) writeFileSync(join(root, `file-${n}`), '')
  })
  beforeEach(() => writeFileSync(join(root, 'old'), 'old content'))

  test('a get that is cancelled ends early, with an error, and the connection goes on', async () => {
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'get', { path: '/large' })).toMatchObject({ ok: true, size: 4 * GiB })
    expect((await client.next())?.type).toBe('DATA')
    client.send(say.cancel(1), say.request(2, 'pwd'))
    const { bytes, end } = await client.body(1)
    expect(errorCode(end)).toBe('cancelled')
    expect(bytes.length).toBeLessThan(GiB)
    expect(await client.ack(2)).toMatchObject({ ok: true, path: '/' })
  })

  test('a listing that is cancelled ends early, and leaves nothing open', async () => {
    using client = await RawClient.login(daemon.place)
    await client.ask(1, 'pwd')
    const before = daemon.descriptors
    for (let n = 0; n < 3; n++) {
      expect(await client.ask(2, 'ls', { path: '/' })).toMatchObject({ ok: true })
      client.send(say.cancel(2))
      const { end } = await client.body(2)
      expect(['cancelled', 'none']).toContain(errorCode(end))
    }
    expect(await client.ask(3, 'pwd')).toMatchObject({ ok: true })
    expect(daemon.descriptors).toBeLessThanOrEqual(before)
  })

  test.each([
    ['hash', { paths: ['/large', '/old'] }],
    ['hash', { paths: ['/old', '/large'], digest: 'sha256' }],
    ['du', { path: '/' }],
  ])('%s %j that is cancelled ends early, and leaves nothing open', async (cmd, args) => {
    using client = await RawClient.login(daemon.place)
    // The server opens what it keeps digests in when it has the first one.
    await client.ask(1, 'hash', { paths: ['/old'], digest: 'xxh128' })
    await client.body(1)
    const before = daemon.descriptors
    expect(await client.ask(2, cmd, args)).toMatchObject({ ok: true })
    client.send(say.cancel(2), say.request(3, 'pwd'))
    const { end } = await client.body(2)
    expect(errorCode(end)).toBe('cancelled')
    expect(await client.ack(3)).toMatchObject({ ok: true, path: '/' })
    expect(daemon.descriptors).toBeLessThanOrEqual(before)
  })

  test('a copy that is cancelled is not made', async () => {
    using client = await RawClient.login(daemon.place)
    client.send(say.request(1, 'cp', { from: '/large', to: '/copy' }), say.ping(7))
    expect(await client.next()).toMatchObject({ type: 'PONG', id: 7 })
    client.send(say.cancel(1), say.request(2, 'pwd'))
    expect(await client.ack(1)).toMatchObject({ ok: false, error: { code: 'cancelled' } })
    expect(await client.ack(2)).toMatchObject({ ok: true })
    expect(visible(root)).not.toContain('copy')
    expect(staged(root)).toEqual([])
  })

  test.each([
    ['hash', { paths: ['/large'] }],
    ['cp', { from: '/large', to: '/copy' }],
    ['du', { path: '/' }],
  ])('%s stops when its client is gone', async (cmd, args) => {
    const logged = daemon.lines.length
    const client = await RawClient.login(daemon.place)
    client.send(say.request(1, cmd, args), say.ping(7))
    for (let said = await client.next(); said?.type !== 'PONG'; said = await client.next()) continue
    const before = daemon.lines.slice(logged).find(({ type }) => type === 'session-started')?.['session']
    client.socket.destroy()
    await daemon.logged(({ type, session }) => type === 'session-ended' && session === before)
    expect(visible(root)).not.toContain('copy')
    expect(staged(root)).toEqual([])
  })

  test('a request that waits is answered in its turn, as cancelled', async () => {
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/first' })).toMatchObject({ status: 'ready' })
    client.send(
      say.request(2, 'mkdir', { path: '/never' }),
      say.eagerPut(3, '/never-put', 'x'),
      say.request(4, 'pwd'),
      say.cancel(2),
      say.cancel(3),
      say.data(1, 'x'),
      say.end(1, 'x'),
    )
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    expect(errorCode(await client.ack(2))).toBe('cancelled')
    expect(errorCode(await client.ack(3))).toBe('cancelled')
    expect(await client.ack(4)).toMatchObject({ ok: true })
    expect(visible(root).filter((name) => name.startsWith('never'))).toEqual([])
  })

  test.each(['ready', 'eager'])(
    'a put (%s) that is cancelled changes nothing, once it has ended',
    async (kind) => {
      using client = await RawClient.login(daemon.place)
      const bytes = new Uint8Array(MiB)
      client.send(say.request(1, 'put', { path: '/old', eager: kind === 'eager' }))
      if (kind === 'ready') expect(await client.ack(1)).toMatchObject({ status: 'ready' })
      client.send(say.data(1, bytes), say.cancel(1))
      expect(errorCode(await client.ack(1))).toBe('cancelled')
      // What was on its way comes still, and is discarded to its END; then the id is free.
      client.send(say.data(1, bytes), say.failedEnd(1), say.request(1, 'pwd'))
      expect(await client.ack(1)).toMatchObject({ ok: true, path: '/' })
      expect(readFileSync(join(root, 'old'), 'utf8')).toBe('old content')
      expect(staged(root)).toEqual([])
    },
  )

  test('a put that waits for `ready` in vain, cancelled before it was begun, takes no body', async () => {
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/first' })).toMatchObject({ status: 'ready' })
    client.send(say.request(2, 'put', { path: '/old' }), say.cancel(2), say.failedEnd(1))
    expect(errorCode(await client.ack(1))).toBe('cancelled')
    expect(errorCode(await client.ack(2))).toBe('cancelled')
    expect(await client.ask(2, 'pwd')).toMatchObject({ ok: true })
  })

  test('a CANCEL for what was answered, or never asked, is nothing', async () => {
    using client = await RawClient.login(daemon.place)
    client.send(say.cancel(99), say.request(1, 'pwd'))
    expect(await client.ack(1)).toMatchObject({ ok: true })
    client.send(say.cancel(1), say.cancel(1))
    expect(await client.ask(1, 'pwd')).toMatchObject({ ok: true })
  })
})

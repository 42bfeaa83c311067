import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { passedOf, RawClient, say } from './raw-client.js'
import { makeRootForEachTest, root } from './served-root.js'

/** Starts Node so that nothing whose name is `broken` can be opened, as if the disk failed there. */
const onBrokenDisk = [process.execPath, '--import', asModule(breakDisk)] as const

describe.each(SERVERS)('%s', (_name, args) => {
  makeRootForEachTest()

  test('whoever makes, renames or removes a name, or is refused, is in the log with one line', async () => {
    writeFileSync(join(root, 'old'), '')
    await using daemon = await DaemonProcess.start(root, args)
    using client = await RawClient.login(daemon.place)
    client.send(say.request(1, 'mkdir', { path: '/d' }), say.request(2, 'cd', { path: '/d' }))
    client.send(say.request(3, 'mkdir', { path: '/d' }), say.request(4, 'mv', { from: '/old', to: 'new' }))
    client.send(say.request(5, 'rmdir', { path: '/d' }), say.request(6, 'rm', { path: 'new' }))
    client.send(say.request(7, 'rm', { path: 'new' }), say.request(8, 'rmdir', { path: '/d' }))
    client.send(
      say.request(9, 'mv', { from: '/no\u001b', to: '../x' }),
      say.request(10, 'rm', { path: '/../..' }),
    )
    for (let id = 1; id <= 10; id++) await client.ack(id)
    await daemon.stop()
    const common = { user: 'anonymous', client: expect.any(String), level: expect.any(Number) }
    expect(daemon.lines.filter((line) => line.type === 'change')).toMatchObject([
      { ...common, requestId: 1, op: 'mkdir', path: '/d', result: 'ok' },
      { ...common, requestId: 3, op: 'mkdir', path: '/d', result: 'exists' },
      { ...common, requestId: 4, op: 'mv', path: '/old', to: '/d/new', result: 'ok' },
      { ...common, requestId: 5, op: 'rmdir', path: '/d', result: 'not-empty' },
      { ...common, requestId: 6, op: 'rm', path: '/d/new', result: 'ok' },
      { ...common, requestId: 7, op: 'rm', path: '/d/new', result: 'not-found', error: expect.any(String) },
      { ...common, requestId: 8, op: 'rmdir', path: '/d', result: 'ok' },
      { ...common, requestId: 9, op: 'mv', path: '/no\u001b', to: '/x', result: 'not-found' },
      { ...common, requestId: 10, op: 'rm', path: '/../..', result: 'bad-request' },
    ])
  })

  test.each(['cancelled', 'cut'])('of a put that is %s, the log tells how many bytes came', async (how) => {
    await using daemon = await DaemonProcess.start(root, args)
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(1, 'put', { path: '/new', size: 1000 })).toMatchObject({ status: 'ready' })
    client.send(say.data(1, 'x'.repeat(300)), say.ping(7))
    expect(await client.next()).toMatchObject({ type: 'PONG', id: 7 })
    if (how === 'cut') client.socket.destroy()
    else client.send(say.cancel(1), say.failedEnd(1))
    const line = await daemon.logged(({ type }) => type === 'transfer')
    expect(line).toMatchObject({ op: 'put', path: '/new', result: 'cancelled', bytes: 300 })
  })

  test('of a put that is refused at its end, the log tells how many bytes came', async () => {
    await using daemon = await DaemonProcess.start(root, args)
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/new', 'content', { size: 8 }))
    expect(await client.ack(1)).toMatchObject({ error: { code: 'size-mismatch' } })
    expect(await daemon.logged(({ type }) => type === 'transfer')).toMatchObject({
      result: 'size-mismatch',
      bytes: 7,
    })
  })

  test('of a get that goes on where it was cut, the log counts only what is sent now', async () => {
    writeFileSync(join(root, 'old'), 'content')
    await using daemon = await DaemonProcess.start(root, args)
    using client = await RawClient.login(daemon.place)
    const start = { offset: 3, prefix: passedOf('con').digest }
    expect(await client.ask(1, 'get', { path: '/old', ...start })).toMatchObject({ offset: 3, size: 7 })
    await client.body(1)
    expect(await daemon.logged(({ type }) => type === 'transfer')).toMatchObject({ result: 'ok', bytes: 4 })
  })

  test.each([
    ['hash', { paths: ['/files/broken', '/files/none'] }, '/files/broken', '/files/broken'],
    ['find', { path: '/folders' }, 'broken', '/folders/broken'],
    ['du', { path: '/folders' }, '/folders/broken', '/folders/broken'],
  ])('if the disk fails for one name of %s, the log has the cause', async (cmd, request, told, path) => {
    mkdirSync(join(root, 'folders/broken'), { recursive: true })
    mkdirSync(join(root, 'files'))
    writeFileSync(join(root, 'files/broken'), 'x')
    await using daemon = await DaemonProcess.start(root, args, { command: onBrokenDisk })
    using client = await RawClient.login(daemon.place)
    expect(await client.ask(5, cmd, request)).toMatchObject({ ok: true })
    const { bytes } = await client.body(5)
    const lines = bytes.toString().trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toContainEqual({
      type: 'unreadable',
      path: told,
      error: expect.objectContaining({
        code: 'io-error',
        message: expect.stringContaining('its log has more'),
      }),
    })
    await daemon.stop()
    expect(daemon.lines.filter(({ type }) => type === 'fault')).toMatchObject([
      {
        cmd,
        requestId: 5,
        user: 'anonymous',
        code: 'io-error',
        path,
        cause: expect.stringContaining('EIO'),
        msg: expect.stringContaining(path),
      },
    ])
  })

  test('sessions are in the log with their beginning, their login and their end', async () => {
    await using daemon = await DaemonProcess.start(root, args)
    {
      using client = await RawClient.connect(daemon.place)
      client.send(say.hello(), say.request(7, 'login', { user: 'root' }))
      await client.next()
      expect(await client.ack(7)).toMatchObject({ ok: false })
      expect(await client.ask(8, 'login', { user: 'anonymous' })).toMatchObject({ ok: true })
    }
    const ended = await daemon.logged((line) => line.type === 'session-ended')
    expect(ended).toMatchObject({ ms: expect.any(Number) })
    const { client } = ended as { client?: string }
    expect(daemon.lines.filter((line) => line.type !== 'ready')).toMatchObject([
      { type: 'session-started', client },
      { type: 'login', client, requestId: 7, user: 'root', result: 'login-failed' },
      { type: 'login', client, requestId: 8, user: 'anonymous', result: 'ok' },
      { type: 'session-ended', client },
    ])
  })

  test('what the log calls a request is what its client is told if it fails, and no other request has it', async () => {
    writeFileSync(join(root, 'file'), 'content')
    await using daemon = await DaemonProcess.start(root, args)
    const ids: unknown[] = []
    for (const path of ['/none', '/other']) {
      using client = await RawClient.login(daemon.place)
      for (const [id, cmd] of ['get', 'rm', 'stat'].entries()) {
        const { error } = (await client.ask(id + 1, cmd, { path })) as { error?: { id?: string } }
        ids.push(error?.id)
      }
      // A number that the client uses again.
      const { error } = (await client.ask(1, 'login', { user: 'root' })) as { error?: { id?: string } }
      ids.push(error?.id)
    }
    await daemon.stop()
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-\d+$/)
    expect(new Set(ids).size).toBe(8)
    const logged = daemon.lines.filter((line) => line['error'] !== undefined).map((line) => line['id'])
    // A stat changes nothing and is not logged.
    expect(logged).toEqual(ids.filter((_id, index) => index % 4 !== 2))
    for (const line of daemon.lines.filter(({ id }) => id !== undefined))
      expect(line['msg']).toContain(line['id'])
  })

  test('who leaves without a login has no user in the log', async () => {
    await using daemon = await DaemonProcess.start(root, args)
    {
      using _client = await RawClient.connect(daemon.place)
      await daemon.logged((line) => line.type === 'session-started')
    }
    const { msg, client } = await daemon.logged((line) => line.type === 'session-ended')
    expect(msg).toMatch(/^\S+ disconnected/)
    expect(String(msg).startsWith(String(client))).toBe(true)
  })
})

function asModule(act: (fs: typeof import('node:fs'), sync: () => void) => void): string {
  const code = `import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    (${act})(fs, syncBuiltinESMExports)`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

function breakDisk(fs: typeof import('node:fs'), sync: () => void): void {
  const { openSync } = fs
  fs.openSync = (path, ...rest) => {
    if (!String(path).endsWith('/broken')) return openSync(path, ...rest)
    throw Object.assign(new Error('EIO: i/o error, open'), { code: 'EIO', syscall: 'open' })
  }
  sync()
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

describe.each(SERVERS)('%s', (_name, args) => {
  let folder: ReturnType<typeof tempFolder>
  let root = ''

  beforeEach(() => {
    folder = tempFolder('in memory')
    root = join(folder.path, 'root')
    mkdirSync(root)
  })
  afterEach(() => folder[Symbol.dispose]())

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

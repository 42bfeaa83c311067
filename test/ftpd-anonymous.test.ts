import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

describe.each(SERVERS)('%s', (_name, args) => {
  test('with --anonymous read everybody may list and get, and nobody may change anything', async () => {
    using folder = tempFolder('in memory')
    writeFileSync(join(folder.path, 'file'), 'content')
    await using daemon = await DaemonProcess.start(folder.path, [...args, '--anonymous', 'read'])
    using client = await RawClient.login(daemon.place)
    client.send(
      say.eagerPut(1, '/new', 'x'),
      say.eagerPut(2, '/file', 'x'),
      say.request(3, 'put', { path: '/new' }),
      say.request(4, 'rm', { path: '/file' }),
      say.request(5, 'mkdir', { path: '/d' }),
      say.request(6, 'mkdir', { path: '/d/e', parents: true }),
      say.request(7, 'mv', { from: '/file', to: '/moved' }),
      say.request(8, 'rmdir', { path: '/d' }),
    )
    const refused = ['/new', '/file', '/new', '/file', '/d', '/d', '/file']
    for (const [index, path] of refused.entries()) {
      expect(await client.ack(index + 1)).toMatchObject({ error: { code: 'permission-denied', path } })
    }
    expect(await client.ack(8)).toMatchObject({ ok: false })
    expect(await client.ask(9, 'get', { path: '/file' })).toMatchObject({ ok: true })
    expect((await client.body(9)).bytes.toString()).toBe('content')
    expect(await client.ask(10, 'ls', { path: '/' })).toMatchObject({ ok: true })
    expect((await client.body(10)).bytes.toString()).toContain('"file"')
    const visible = readdirSync(folder.path).filter((name) => name !== '.jftp')
    expect(visible).toEqual(['file'])
    expect(readFileSync(join(folder.path, 'file'), 'utf8')).toBe('content')
    const ready = await daemon.logged((line) => line.type === 'ready')
    expect(ready).toMatchObject({
      anonymous: 'read',
      msg: expect.stringMatching(/anonymous may read(?! and)/),
    })
  })
})

test('without --anonymous everybody may write', async () => {
  using folder = tempFolder('in memory')
  await using daemon = await DaemonProcess.start(folder.path)
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/new', 'x'))
  expect(await client.ack(1)).toMatchObject({ status: 'stored' })
  const ready = await daemon.logged((line) => line.type === 'ready')
  expect(ready['msg']).toContain('anonymous may read and write')
})

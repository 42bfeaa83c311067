import { mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { ftp } from './ftp-process.js'
import { cannotMount, mountedFolder } from './mounted-folder.js'
import { bytesOf } from './random.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { staged, tempFolder, visible } from './temp-folder.js'
import { UsersFile } from './users.js'

const MiB = 1024 * 1024
const large = bytesOf(6 * MiB, 1)
const oldBytes = bytesOf(1000, 2)

describe.skipIf(cannotMount !== undefined).each(SERVERS)(
  `a full disk (%s; ${cannotMount ?? 'mounting works'})`,
  (_name, args) => {
    test('in the middle of an upload, announced or not: no-space, nothing partial, and the server goes on', async () => {
      using folder = tempFolder()
      const root = join(folder.path, 'root')
      using _mounted = mountedFolder(root, 'size=4m')
      writeFileSync(join(root, 'file'), oldBytes)
      await using daemon = await DaemonProcess.start(root, args)
      using client = await RawClient.login(daemon.place)
      for (const announced of [{}, { size: large.length }]) {
        client.send(say.request(1, 'put', { path: '/file', eager: true, ...announced }))
        for (let at = 0; at < large.length; at += MiB) client.send(say.data(1, large.subarray(at, at + MiB)))
        client.send(say.end(1, large))
        expect(errorCode(await client.ack(1))).toBe('no-space')
        expect(readFileSync(join(root, 'file')).equals(oldBytes)).toBe(true)
        expect([visible(root), staged(root)]).toEqual([['file'], []])
      }
      client.send(say.eagerPut(1, '/small', oldBytes))
      expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    })

    test('by many small files: what was stored is whole, the rest is refused, and room made is used', async () => {
      using folder = tempFolder()
      const root = join(folder.path, 'root')
      using _mounted = mountedFolder(root, 'size=2m')
      await using daemon = await DaemonProcess.start(root, args)
      using client = await RawClient.login(daemon.place)
      const bytes = bytesOf(20_000, 3)
      for (let n = 0; n < 200; n++) client.send(say.eagerPut(n, `/${n}`, bytes))
      const codes: string[] = []
      for (let n = 0; n < 200; n++) codes.push(errorCode(await client.ack(n)))
      expect(new Set(codes)).toEqual(new Set(['none', 'no-space']))
      codes.forEach((code, n) => {
        if (code === 'none') expect(readFileSync(join(root, `${n}`)).equals(bytes)).toBe(true)
        else expect(visible(root)).not.toContain(`${n}`)
      })
      expect(staged(root)).toEqual([])
      expect(await client.ask(1, 'rm', { path: '/0' })).toMatchObject({ ok: true })
      client.send(say.eagerPut(2, '/again', bytes))
      expect(await client.ack(2)).toMatchObject({ status: 'stored' })
    })

    test('of names: no-space too', async () => {
      using folder = tempFolder()
      const root = join(folder.path, 'root')
      using _mounted = mountedFolder(root, 'size=4m,nr_inodes=20')
      await using daemon = await DaemonProcess.start(root, args)
      using client = await RawClient.login(daemon.place)
      const codes: string[] = []
      for (let n = 0; n < 30; n++) {
        client.send(say.eagerPut(n, `/${n}`, 'x'))
        codes.push(errorCode(await client.ack(n)))
      }
      expect(codes.at(-1)).toBe('no-space')
      expect(errorCode(await client.ask(1, 'mkdir', { path: '/folder' }))).toBe('no-space')
      expect(staged(root)).toEqual([])
    })

    test('ftp put ends with exit code 9 and says so; ftp get to a full disk as well', async () => {
      using folder = tempFolder()
      const [root, file] = [join(folder.path, 'root'), join(folder.path, 'file')]
      const local = join(folder.path, 'local')
      mkdirSync(local)
      writeFileSync(file, large)
      using mounted = mountedFolder(root, 'size=4m')
      writeFileSync(join(root, 'file'), oldBytes)
      await using daemon = await DaemonProcess.start(root, args)
      const url = `${daemon.url}/file`
      const put = await ftp(['put', file, url])
      expect([put.exitCode, put.stderr]).toEqual([9, expect.stringContaining('disk')])
      expect(readFileSync(join(root, 'file')).equals(oldBytes)).toBe(true)
      mounted.remount('size=16m')
      expect((await ftp(['put', file, url])).exitCode).toBe(0)
      using _small = mountedFolder(local, 'size=2m')
      writeFileSync(join(local, 'file'), oldBytes)
      const get = await ftp(['get', url, '-o', join(local, 'file')])
      expect(get.exitCode).toBe(9)
      expect(readFileSync(join(local, 'file')).equals(oldBytes)).toBe(true)
      expect(readdirSync(local)).toEqual(['file'])
    })
  },
)

test.skipIf(cannotMount !== undefined)(
  'the users file on a full disk: one line says why nothing was changed, and nothing is in the way later',
  async () => {
    using folder = tempFolder()
    const path = join(folder.path, 'mounted')
    using mounted = mountedFolder(path, 'size=64k')
    const users = new UsersFile(path)
    await users.add('ann', 'a password')
    const before = readFileSync(users.path)
    const free = statfsSync(path)
    writeFileSync(join(path, 'other'), Buffer.alloc(free.bavail * free.bsize))
    const failed = await users.run('remove', ['ann'])
    expect(failed).toMatchObject({ exitCode: 2, stdout: '' })
    expect(failed.stderr).toMatch(/^ftpd: can't change the users file .*ENOSPC.*\n$/)
    expect(readFileSync(users.path).equals(before)).toBe(true)
    expect(readdirSync(path).sort()).toEqual(['other', 'users.json'])
    mounted.remount('size=1m')
    expect(await users.run('remove', ['ann'])).toMatchObject({ exitCode: 0 })
  },
)

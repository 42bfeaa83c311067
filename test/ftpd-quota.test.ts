import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeJsonFrame, FrameType } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ftp } from './ftp-process.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { ScratchFolder } from './scratch-folder.js'
import { staged } from './temp-folder.js'
import { UsersFile } from './users.js'

const MiB = 1024 * 1024
const QUOTA = 10 * MiB

let scratch: ScratchFolder
let users: UsersFile
let token: string
beforeEach(async () => {
  scratch = new ScratchFolder()
  users = new UsersFile(scratch.path)
  await users.run('add', ['ann', '--no-password', '--home', '/ann', '--quota', '10Mi'])
  ;({ token } = await users.addToken('ann'))
  mkdirSync(join(scratch.remote, 'ann'))
})
afterEach(() => scratch[Symbol.dispose]())

const connect = async (daemon: DaemonProcess) => {
  const client = await RawClient.connect(daemon.place)
  client.send(say.hello(), say.request(0, 'login', { method: 'token', token }))
  await client.next()
  await client.ack(0)
  return client
}

/** The bytes of all files in the home. */
const stored = () =>
  readdirSync(join(scratch.remote, 'ann'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0)

/** Announces its size or not, and sends it when the server is ready. Returns `stored` or the code of the error. */
async function put(client: RawClient, path: string, size: number, announced?: number): Promise<string> {
  const answer = await client.ask(1, 'put', { path, size: announced, digest: 'none' })
  if (answer['status'] !== 'ready') return errorCode(answer)
  for (let sent = 0; sent < size; sent += MiB / 2) {
    client.send(say.data(1, Buffer.alloc(Math.min(MiB / 2, size - sent))))
  }
  client.send(encodeJsonFrame(FrameType.END, 1, { size }))
  const last = await client.ack(1)
  return last['ok'] === true ? String(last['status']) : errorCode(last)
}

describe.each(['0', '3'])('%s worker threads', (workers) => {
  const start = () => DaemonProcess.start(scratch.remote, ['--workers', workers, ...users.args])

  test.each([
    ['announced', MiB],
    ['not announced', undefined],
  ])('twenty uploads at once never exceed the quota, their size %s', async (_name, announced) => {
    writeFileSync(join(scratch.remote, 'ann/old'), Buffer.alloc(MiB))
    await using daemon = await start()
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect(daemon)))
    const results = await Promise.all(
      clients.map((client, index) => put(client, `/${index}`, MiB, announced)),
    )
    for (const client of clients) client[Symbol.dispose]()
    expect(new Set(results)).toEqual(new Set(['stored', 'over-quota']))
    const count = results.filter((result) => result === 'stored').length
    expect(stored()).toBe((count + 1) * MiB)
    expect(stored()).toBeLessThanOrEqual(QUOTA)
    // What was announced was set aside to the byte.
    if (announced !== undefined) expect(count).toBe(9)
    expect(staged(scratch.remote)).toEqual([])
  })

  test('eager uploads and copies count, and what is removed makes room', async () => {
    await using daemon = await start()
    using client = await connect(daemon)
    expect(await put(client, '/a', 4 * MiB, 4 * MiB)).toBe('stored')
    expect(await client.ask(2, 'cp', { from: '/a', to: '/b' })).toMatchObject({ status: 'stored' })
    expect(errorCode(await client.ask(3, 'cp', { from: '/a', to: '/c' }))).toBe('over-quota')
    // Until it is replaced, the old file is there too.
    expect(await put(client, '/a', 3 * MiB, 3 * MiB)).toBe('over-quota')
    expect(await client.ask(4, 'rm', { path: '/b' })).toMatchObject({ ok: true })
    expect(await put(client, '/a', 3 * MiB, 3 * MiB)).toBe('stored')
    expect(await put(client, '/d', 7 * MiB, 7 * MiB)).toBe('stored')
    client.send(say.eagerPut(5, '/e', 'x'), say.eagerPut(6, '/empty', ''))
    expect(errorCode(await client.ack(5))).toBe('over-quota')
    expect(await client.ack(6)).toMatchObject({ status: 'stored' })
    expect(stored()).toBe(QUOTA)
    // Somebody else may make room.
    rmSync(join(scratch.remote, 'ann/d'))
    client.send(say.eagerPut(7, '/e', 'x'))
    expect(await client.ack(7)).toMatchObject({ status: 'stored' })
  })

  test('an upload that is cut, refused or wrong gives back what was set aside', async () => {
    await using daemon = await start()
    for (let round = 0; round < 3; round++) {
      const client = await connect(daemon)
      expect(await client.ask(1, 'put', { path: '/cut', size: 9 * MiB })).toMatchObject({ status: 'ready' })
      client[Symbol.dispose]()
      await daemon.logged(({ type, session }) => type === 'session-ended' && session === round + 1)
    }
    using client = await connect(daemon)
    expect(await put(client, '/lie', 2 * MiB, 9 * MiB)).toBe('size-mismatch')
    expect(await put(client, '/a', 9 * MiB, 9 * MiB)).toBe('stored')
    expect(stored()).toBe(9 * MiB)
  })
})

test('ftp ends with exit code 9, and a quota can be changed', async () => {
  await using daemon = await DaemonProcess.start(scratch.remote, ['--workers', '1', ...users.args])
  writeFileSync(join(scratch.local, 'large'), Buffer.alloc(QUOTA + 1))
  const url = daemon.url.replace('//', '//ann@')
  const run = () => ftp(['put', 'large', `${url}/`], { cwd: scratch.local, env: { FTP_TOKEN: token } })
  const refused = await run()
  expect(refused).toMatchObject({ exitCode: 9 })
  expect(refused.stderr).toContain(
    `the quota of ${QUOTA} bytes has ${QUOTA} left, and this needs ${QUOTA + 1}`,
  )
  expect((await users.run('set', ['ann', '--quota', 'none'])).exitCode).toBe(0)
  daemon.process.kill('SIGHUP')
  await daemon.logged(({ type }) => type === 'reloaded')
  expect(await run()).toMatchObject({ exitCode: 0 })
  expect((await users.run('set', ['ann', '--quota', 'much'])).stderr).toContain(
    '--quota much: a number of bytes',
  )
})

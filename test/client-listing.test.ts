import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type RemoteEntry } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'
import { client, connectOnce, ftpd } from './connected-client.js'

connectOnce(() => {
  mkdirSync(join(ftpd.root, 'tree/a/b'), { recursive: true })
  mkdirSync(join(ftpd.root, 'tree/empty'))
  mkdirSync(join(ftpd.root, 'same'))
  writeFileSync(join(ftpd.root, 'tree/a/b/deep'), 'deep')
  writeFileSync(join(ftpd.root, 'tree/top'), 'top')
  writeFileSync(join(ftpd.root, 'same/same'), '')
  symlinkSync('..', join(ftpd.root, 'tree/a/up'))
  mkdirSync(join(ftpd.root, 'large'))
  for (let index = 0; index < 4000; index++)
    writeFileSync(join(ftpd.root, 'large', `${index}-${'x'.repeat(150)}`), '')
})

describe('list', () => {
  test('gives the entries of a folder', async () => {
    const entries = await collect('/tree')
    expect(entries.map(({ path, type }) => [path, type]).toSorted()).toEqual([
      ['/tree/a', 'directory'],
      ['/tree/empty', 'directory'],
      ['/tree/top', 'file'],
    ])
  })

  test('goes into folders where asked to, and through no link', async () => {
    const entries = await collect('/tree', { recursive: true })
    expect(entries.map(({ path }) => path).toSorted()).toEqual([
      '/tree/a',
      '/tree/a/b',
      '/tree/a/b/deep',
      '/tree/a/up',
      '/tree/empty',
      '/tree/top',
    ])
  })

  test('of a file gives that file, also where a folder holds one of its own name', async () => {
    expect((await collect('/tree/top')).map(({ path }) => path)).toEqual(['/tree/top'])
    expect((await collect('/same')).map(({ path }) => path)).toEqual(['/same/same'])
    expect(await collect('/tree/empty')).toEqual([])
  })

  test('of nothing fails', async () => {
    await expect(collect('/missing')).rejects.toMatchObject({ code: 'not-found', path: '/missing' })
  })

  test('lets its reader make other calls, however far behind it is', async () => {
    let count = 0
    for await (const entry of client.list('/large')) {
      if (count++ % 400 !== 0) continue
      expect((await client.stat(entry.path)).name).toBe(entry.name)
      await client.ping()
    }
    expect(count).toBe(4000)
  })

  test('may be left in the middle', async () => {
    for await (const entry of client.list('/large')) {
      expect(entry.type).toBe('file')
      break
    }
    expect((await client.stat('/tree')).type).toBe('directory')
  })
})

test('a listing that has come whole and is not read yet holds no other call back', async () => {
  const body =
    `${JSON.stringify({ name: 'x'.repeat(200), type: 'file', size: 1, mtime: 0, mode: 0 })}\n`.repeat(3000)
  const ls: Answer = (id, { path }) => [
    ack(id, { path, type: 'directory' }),
    data(id, body),
    end(id, { size: body.length, digest: { alg: 'md5', hex: createHash('md5').update(body).digest('hex') } }),
  ]
  const entry = { name: '', type: 'directory', size: 0, mtime: 0, mode: 0o755 }
  const stat: Answer = (id) => [ack(id, { path: '/', entry })]
  await using server = await HostileServer.start({ ls, stat })
  await using other = await connect(server.url)
  let count = 0
  for await (const { type } of other.list('/')) {
    expect(type).toBe('file')
    if (count++ === 0) expect((await other.stat('/')).type).toBe('directory')
  }
  expect(count).toBe(3000)
})

test('a recursive listing that is not read is held back', async () => {
  const lineOf = (path: string) => `${JSON.stringify({ path, type: 'file', size: 1, mtime: 0, mode: 0 })}\n`
  const page = lineOf('x'.repeat(200)).repeat(3500)
  const pages = Array.from({ length: 80 }, () => page)
  const digest = { alg: 'md5', hex: createHash('md5').update(pages.join('')).digest('hex') }
  const find: Answer = (id, { path }) => [
    ack(id, { path, type: 'directory' }),
    ...pages.map((each) => data(id, each)),
    end(id, { size: pages.join('').length, digest }),
  ]
  await using server = await HostileServer.start({ find })
  await using other = await connect(server.url)
  const entries = other.list('/', { recursive: true })[Symbol.asyncIterator]()
  await entries.next()
  // What the server may send has been sent when nothing moves any more.
  let before = -1
  await expect
    .poll(
      () => {
        const isStill = server.taken === before
        before = server.taken
        return isStill
      },
      { interval: 300, timeout: 10_000 },
    )
    .toBe(true)
  // Of 70 MB, the kernel's buffers on both sides hold some.
  expect(server.taken).toBeLessThan(20_000_000)
  let rest = 0
  for (let next = await entries.next(); !next.done; next = await entries.next()) rest++
  expect(rest).toBe(80 * 3500 - 1)
})

async function collect(path: string, options = {}): Promise<RemoteEntry[]> {
  const entries: RemoteEntry[] = []
  for await (const entry of client.list(path, options)) entries.push(entry)
  return entries
}

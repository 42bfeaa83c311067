import { createHash } from 'node:crypto'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type FindOptions, type FoundEntry } from '@jftp/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ack, data, end, HostileServer } from './client-hostile-server.js'
import { client, connectOnce, ftpd } from './connected-client.js'

connectOnce(() => {
  mkdirSync(join(ftpd.root, 'tree/a/b/c'), { recursive: true })
  mkdirSync(join(ftpd.root, 'tree/empty'))
  mkdirSync(join(ftpd.root, 'beside'))
  writeFileSync(join(ftpd.root, 'tree/a/b/c/deep.ts'), 'deep')
  writeFileSync(join(ftpd.root, 'tree/top.ts'), 'top')
  writeFileSync(join(ftpd.root, 'tree/.hidden'), 'hidden')
  writeFileSync(join(ftpd.root, 'beside/other.ts'), 'other')
})

const found = async (path: string, options: FindOptions = {}): Promise<FoundEntry[]> => {
  const entries: FoundEntry[] = []
  for await (const entry of client.find(path, options)) entries.push(entry)
  return entries
}
const paths = async (path: string, options: FindOptions = {}) =>
  (await found(path, options)).map((entry) => entry.path)

describe('find', () => {
  test('gives a folder, then all that is in it, then the next name beside it', async () => {
    const all = await paths('/tree')
    expect(all.toSorted()).toEqual([
      '/tree/.hidden',
      '/tree/a',
      '/tree/a/b',
      '/tree/a/b/c',
      '/tree/a/b/c/deep.ts',
      '/tree/empty',
      '/tree/top.ts',
    ])
    const start = all.indexOf('/tree/a')
    expect(all.slice(start, start + 4)).toEqual([
      '/tree/a',
      '/tree/a/b',
      '/tree/a/b/c',
      '/tree/a/b/c/deep.ts',
    ])
  })

  test('looks as deep as asked for', async () => {
    expect(await paths('/tree', { depth: 0 })).toEqual([])
    expect((await paths('/tree', { depth: 1 })).toSorted()).toEqual([
      '/tree/.hidden',
      '/tree/a',
      '/tree/empty',
      '/tree/top.ts',
    ])
    expect(await paths('/tree', { depth: 3, type: 'directory' })).toContain('/tree/a/b/c')
    expect(await paths('/tree', { depth: 3 })).not.toContain('/tree/a/b/c/deep.ts')
  })

  test('tells only what has the name and the type', async () => {
    expect((await paths('/tree', { name: '*.ts' })).toSorted()).toEqual([
      '/tree/a/b/c/deep.ts',
      '/tree/top.ts',
    ])
    expect((await paths('/tree', { name: '?', type: 'directory' })).toSorted()).toEqual([
      '/tree/a',
      '/tree/a/b',
      '/tree/a/b/c',
    ])
    expect(await paths('/tree', { name: 'none' })).toEqual([])
    expect(await paths('/tree', { type: 'link' })).toEqual([])
  })

  test('of a file gives that file, of nothing fails', async () => {
    expect(await found('/tree/top.ts')).toMatchObject([{ path: '/tree/top.ts', name: 'top.ts', size: 3 }])
    expect(await found('/tree/top.ts', { name: '*.js' })).toEqual([])
    await expect(found('/missing')).rejects.toMatchObject({ code: 'not-found', path: '/missing' })
  })

  test('does not show the folder of the server itself', async () => {
    expect((await paths('/')).filter((path) => path.startsWith('/.jftp'))).toEqual([])
  })

  test.each([
    [{ depth: -1 }, 'depth'],
    [{ name: '' }, 'name'],
    [{ type: 'socket' as 'file' }, 'type'],
    [{ links: true as unknown as 'follow' }, 'links'],
  ])('refuses the options %j', async (options, name) => {
    await expect(found('/', options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(`'${name}'`) as string,
    })
  })
})

describe('links', () => {
  beforeAll(() => {
    mkdirSync(join(ftpd.root, 'links/real'), { recursive: true })
    writeFileSync(join(ftpd.root, 'links/real/file'), '12345')
    symlinkSync('../beside', join(ftpd.root, 'links/folder'))
    symlinkSync('real/file', join(ftpd.root, 'links/file'))
    symlinkSync('/etc', join(ftpd.root, 'links/out'))
    symlinkSync('nothing', join(ftpd.root, 'links/dangling'))
    symlinkSync('..', join(ftpd.root, 'links/real/up'))
    symlinkSync('.', join(ftpd.root, 'links/real/self'))
  })

  test('are told as links', async () => {
    const links = (await found('/links')).filter(({ type }) => type === 'link')
    expect(links.map(({ path }) => path).toSorted()).toEqual([
      '/links/dangling',
      '/links/file',
      '/links/folder',
      '/links/out',
      '/links/real/self',
      '/links/real/up',
    ])
    expect(links.find(({ path }) => path === '/links/folder')).toMatchObject({ target: '../beside' })
  })

  test('are followed inside the root, and in no circle, where asked to', async () => {
    const all = new Map((await found('/links', { links: 'follow' })).map((entry) => [entry.path, entry]))
    expect([...all.keys()].toSorted()).toEqual([
      '/links/dangling',
      '/links/file',
      '/links/folder',
      '/links/folder/other.ts',
      '/links/out',
      '/links/real',
      '/links/real/file',
      '/links/real/self',
      '/links/real/up',
    ])
    expect(all.get('/links/file')).toMatchObject({ type: 'file', size: 5, name: 'file', target: 'real/file' })
    expect(all.get('/links/folder')).toMatchObject({ type: 'directory', target: '../beside' })
    for (const path of ['out', 'dangling', 'real/up', 'real/self']) {
      expect(all.get(`/links/${path}`)).toMatchObject({ type: 'link' })
    }
  })
})

test('a folder that the server can not read is told, and ends only a listing', async () => {
  const unreadable = {
    path: 'a',
    type: 'unreadable',
    error: { code: 'io-error', message: 'm', retryable: false },
  }
  const body = `${JSON.stringify(unreadable)}\n${JSON.stringify({ path: 'b', type: 'file', size: 0, mtime: 0 })}\n`
  await using server = await HostileServer.start({
    find: (id, { path }) => [ack(id, { path, type: 'directory' }), data(id, body), end(id, endOf(body))],
  })
  await using other = await connect(server.url)
  const entries = []
  for await (const entry of other.find('/x')) entries.push(entry)
  expect(entries).toMatchObject([
    { type: 'unreadable', path: '/x/a', error: { code: 'io-error', path: '/x/a' } },
    { type: 'file', path: '/x/b' },
  ])
  await expect(async () => {
    for await (const _ of other.list('/x', { recursive: true }));
  }).rejects.toMatchObject({ code: 'io-error', path: '/x/a' })
})

describe('a server that lies about where something is', () => {
  let lines: object[]
  let type: string
  let server: HostileServer

  beforeEach(() => {
    type = 'directory'
  })
  beforeAll(async () => {
    server = await HostileServer.start({
      find: (id, { path }) => {
        const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
        return [ack(id, { path, type }), data(id, body), end(id, endOf(body))]
      },
    })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test.each(['../up', 'a/../../up', '/abs', 'a//b', '', '.', 'a/', 'a\0b'])('%j is refused', async (path) => {
    lines = [{ path, type: 'file', size: 0, mtime: 0 }]
    await using other = await connect(server.url)
    await expect(other.find('/x')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'protocol-error',
    })
  })

  test('something in a file is refused', async () => {
    type = 'file'
    lines = [{ path: 'a', type: 'file', size: 0, mtime: 0 }]
    await using other = await connect(server.url)
    await expect(other.find('/x')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'protocol-error',
    })
  })
})

function endOf(body: string): object {
  return { size: body.length, digest: { alg: 'md5', hex: createHash('md5').update(body).digest('hex') } }
}

import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { connect } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'
import { client, connectOnce, ftpd } from './connected-client.js'

/** Work that the server does on its own files. */

connectOnce(() => {
  writeFileSync(join(ftpd.root, 'a'), 'content')
  mkdirSync(join(ftpd.root, 'folder/below'), { recursive: true })
})

const md5 = (text: string) => ({ alg: 'md5', hex: createHash('md5').update(text).digest('hex') })

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('hash', () => {
  test('answers in the order of the paths, and for each path that is asked for twice', async () => {
    const files = await all(client.hash(['/a', '/none', 'a', '/folder']))
    expect(files.map(({ type, path }) => [type, path])).toEqual([
      ['digest', '/a'],
      ['unreadable', '/none'],
      ['digest', '/a'],
      ['unreadable', '/folder'],
    ])
    expect(files[0]).toMatchObject({ digest: md5('content') })
    expect(files[1]).toMatchObject({ error: { name: 'FtpError', code: 'not-found', path: '/none' } })
    expect(files[3]).toMatchObject({ error: { code: 'is-a-directory' } })
    expect(await all(client.hash([]))).toEqual([])
  })

  test('takes paths as they come, more than fit into one request', async () => {
    async function* paths() {
      for (let index = 0; index < 5000; index++) yield index % 2 === 0 ? '/a' : `/${'ü'.repeat(100)}-${index}`
    }
    const files = await all(client.hash(paths(), { digest: 'sha256' }))
    expect(files).toHaveLength(5000)
    expect(files.filter(({ type }) => type === 'digest')).toHaveLength(2500)
    expect(files.at(-1)).toMatchObject({ type: 'unreadable', path: `/${'ü'.repeat(100)}-4999` })
  })

  test('is stopped by whoever leaves it or aborts it, and the connection goes on', async () => {
    for await (const file of client.hash(Array<string>(10_000).fill('/a'))) {
      expect(file.type).toBe('digest')
      break
    }
    const controller = new AbortController()
    const files = client.hash(['/a', '/a'], { signal: controller.signal })[Symbol.asyncIterator]()
    controller.abort()
    await expect(files.next()).rejects.toMatchObject({ code: 'cancelled' })
    expect((await client.stat('/a')).size).toBe(7)
  })

  test.each<[string, string[]]>([
    ['another file than was asked for', [line('/b')]],
    ['too few files', []],
    ['too many files', [line('/a'), line('/a')]],
  ])('fails if a server answers for %s', async (_what, lines) => {
    await using server = await HostileServer.start({ hash: answering(lines) })
    await using other = await connect(server.url)
    await expect(all(other.hash(['/a']))).rejects.toMatchObject({ code: 'protocol-error' })
  })

  test.each([
    '{"type":"digest","path":"/a"}',
    '{"type":"odd","path":"/a"}',
    'x',
    '{"type":"unreadable","path":"/a"}',
  ])('fails on the line %s', async (wrong) => {
    await using server = await HostileServer.start({ hash: answering([wrong]) })
    await using other = await connect(server.url)
    await expect(all(other.hash(['/a']))).rejects.toMatchObject({ code: 'protocol-error' })
  })

  function line(path: string): string {
    return JSON.stringify({ type: 'digest', path, digest: md5('content') })
  }

  function answering(lines: readonly string[]): Answer {
    const body = lines.map((each) => `${each}\n`).join('')
    const facts = { size: Buffer.byteLength(body), digest: md5(body) }
    return (id) => [ack(id, { digest: 'md5' }), ...(body === '' ? [] : [data(id, body)]), end(id, facts)]
  }
})

test('cp copies, and tells the name that the copy got', async () => {
  expect(await client.cp('/a', '/folder/a')).toEqual({ status: 'stored', path: '/folder/a', size: 7 })
  await expect(client.cp('/a', '/folder/a')).rejects.toMatchObject({ code: 'exists', path: '/folder/a' })
  expect(await client.cp('/a', '/folder/a', { onExists: 'skip' })).toEqual({
    status: 'skipped',
    path: '/folder/a',
  })
  expect(await client.cp('/a', '/folder/a', { onExists: 'rename' })).toMatchObject({ path: '/folder/a.new' })
  expect(readFileSync(join(ftpd.root, 'folder/a.new'), 'utf8')).toBe('content')
  await expect(client.cp('/a', '/b', { onExists: 'newer' as never })).rejects.toMatchObject({ code: 'usage' })
})

test('chmod and touch change what a link leads to; stat can follow it', async () => {
  await client.touch('/touched', { mtime: 5000 })
  await client.chmod('/touched', 0o600)
  expect(statSync(join(ftpd.root, 'touched'))).toMatchObject({ mtimeMs: 5000, size: 0 })
  expect(await client.stat('/touched', { links: 'follow' })).toMatchObject({ mode: 0o600, mtime: 5000 })
  await expect(client.touch('/none', { create: false })).rejects.toMatchObject({ code: 'not-found' })
  for (const wrong of [-1, 0o10000, 1.5, '644' as never])
    await expect(client.chmod('/touched', wrong)).rejects.toMatchObject({ code: 'usage' })
  await expect(client.touch('/touched', { mtime: 1.5 })).rejects.toMatchObject({ code: 'usage' })
  await expect(client.touch('/touched', { mtime: 9e15 })).rejects.toMatchObject({ code: 'bad-request' })
})

test('du and df', async () => {
  const folders = await all(client.du('/folder'))
  expect(folders.map(({ path }) => path)).toEqual(['/folder/below', '/folder'])
  expect(await all(client.du('/folder', { depth: 0 }))).toHaveLength(1)
  await expect(all(client.du('/none'))).rejects.toMatchObject({ code: 'not-found' })
  const { total, free, available } = await client.df('/folder')
  expect(total).toBeGreaterThan(0)
  expect(free).toBeGreaterThanOrEqual(available)
})

describe('removeTree', () => {
  test('removes a folder with all that is in it, and follows no link', async () => {
    const top = join(ftpd.root, 'doomed')
    for (const folder of ['a/b/c', 'a/empty', '.hidden']) mkdirSync(join(top, folder), { recursive: true })
    for (let index = 0; index < 700; index++) writeFileSync(join(top, 'a/b', `file ${index}`), '')
    symlinkSync('../folder', join(top, 'link'))
    expect(await client.removeTree('/doomed')).toMatchObject({ files: 701, folders: 6, failures: [] })
    expect(existsSync(top)).toBe(false)
    expect(existsSync(join(ftpd.root, 'folder'))).toBe(true)
  })

  test('removes a file or a link, too, and fails for what is not there', async () => {
    writeFileSync(join(ftpd.root, 'single'), '')
    symlinkSync('folder', join(ftpd.root, 'to-folder'))
    expect(await client.removeTree('/single')).toMatchObject({ files: 1, folders: 0 })
    expect(await client.removeTree('/to-folder')).toMatchObject({ files: 1, folders: 0 })
    expect(existsSync(join(ftpd.root, 'folder'))).toBe(true)
    await expect(client.removeTree('/none')).rejects.toMatchObject({ code: 'not-found' })
    await expect(client.removeTree('/')).rejects.toMatchObject({ code: 'usage', path: '/' })
  })

  test('leaves what it cannot remove, names it once, and removes the rest', async () => {
    const deep = join(ftpd.root, 'partly/deep')
    mkdirSync(join(deep, 'gone'), { recursive: true })
    writeFileSync(Buffer.concat([Buffer.from(`${deep}/`), Buffer.from([0xff])]), '')
    writeFileSync(join(ftpd.root, 'partly/gone'), '')
    const { files, folders, failures } = await client.removeTree('/partly')
    expect({ files, folders }).toEqual({ files: 1, folders: 1 })
    expect(failures.map(({ code }) => code)).toEqual(['not-found'])
    expect(readdirSync(deep)).toHaveLength(1)
    rmSync(join(ftpd.root, 'partly'), { recursive: true })
  })
})

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type FtpClient, type RemoteEntry } from '@jftp/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Ftpd } from './client-ftpd.js'

let ftpd: Ftpd
let client: FtpClient

beforeAll(async () => {
  ftpd = await Ftpd.start()
  client = await connect(ftpd.url)
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

afterAll(async () => {
  await client.close()
  await ftpd[Symbol.asyncDispose]()
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

async function collect(path: string, options = {}): Promise<RemoteEntry[]> {
  const entries: RemoteEntry[] = []
  for await (const entry of client.list(path, options)) entries.push(entry)
  return entries
}

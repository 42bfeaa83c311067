import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Usage } from '@jftp/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { Permissions } from '../visitors/permissions.js'

let folder: ReturnType<typeof tempFolder>
const disks: TestDisk[] = []

beforeEach(() => {
  folder = tempFolder()
})
afterEach(() => {
  for (const disk of disks.splice(0)) disk.close()
  folder[Symbol.dispose]()
})

const path = (name: string) => join(folder.path, name)

async function count(top: string, permissions?: Permissions): Promise<Usage[]> {
  const disk = new TestDisk(folder.path, permissions)
  disks.push(disk)
  const report = disk.usage(top, { pause: async () => {}, onUnreadable() {} })
  const found: Usage[] = []
  for await (const page of report.pages) found.push(...page)
  await report.close()
  return found
}

const sizeOf = (usages: readonly Usage[], name: string) =>
  usages.flatMap((each) => (each.type === 'total' && each.path === name ? [each.size] : []))[0]

test('the bytes of a file with several names count once, each name counts', async () => {
  writeFileSync(path('one'), 'x'.repeat(1000))
  mkdirSync(path('below'))
  linkSync(path('one'), path('below/two'))
  expect((await count('/')).at(-1)).toMatchObject({ path: '/', size: 1000, names: 4 })
})

test('links are counted and not followed, and the server’s own folder is not counted', async () => {
  mkdirSync(path('.jftp/staging'), { recursive: true })
  writeFileSync(path('.jftp/staging/partial'), 'x'.repeat(1000))
  mkdirSync(path('a'))
  symlinkSync('..', path('a/up'))
  expect(await count('/')).toMatchObject([
    { path: '/a', size: 0, names: 2 },
    { path: '/', size: 0, names: 3 },
  ])
})

test('a folder that may not be listed is told and left out of the totals', async () => {
  mkdirSync(path('open'))
  mkdirSync(path('secret'))
  writeFileSync(path('open/file'), 'x'.repeat(10))
  writeFileSync(path('secret/file'), 'x'.repeat(1000))
  const guest = new Permissions('guest', [
    { path: '/', allows: ['list'] },
    { path: '/secret', allows: [] },
  ])
  const usages = await count('/', guest)
  expect(sizeOf(usages, '/')).toBe(10)
  expect(usages.filter(({ type }) => type === 'unreadable')).toMatchObject([
    { path: '/secret', error: { code: 'permission-denied' } },
  ])
})

test('a tree deeper than any path may be is counted as far as that, with few descriptors', async () => {
  let deep = folder.path
  for (let index = 0; index < 200; index++) {
    deep = join(deep, 'd')
    mkdirSync(deep)
  }
  const before = readdirSync('/proc/self/fd').length
  const usages = await count('/')
  expect(usages.find(({ type }) => type === 'unreadable')).toMatchObject({ error: { code: 'unsupported' } })
  expect(usages.at(-1)).toMatchObject({ type: 'total', path: '/', names: 129 })
  expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 3)
})

test('names that are not UTF-8 are counted, and what is in such folders', async () => {
  const name = Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0x62, 0xff])])
  mkdirSync(name)
  writeFileSync(Buffer.concat([name, Buffer.from('/file')]), 'x'.repeat(10))
  expect(await count('/')).toMatchObject([
    { path: '/b\ufffd', size: 10, names: 2 },
    { size: 10, names: 3 },
  ])
})

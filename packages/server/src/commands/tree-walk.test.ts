import type { Found } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, store, TestDisk } from '../../test/disk-transfer.js'
import { MemoryStorage, noFiles } from '../../test/memory-storage.js'
import { tempFolder } from '../../test/temp-folder.js'
import type { Storage } from '../storage/storage.js'
import { PERMISSIONS, type PermissionRule, Permissions } from '../visitors/permissions.js'
import { TreeWalk, type TreeWalkOptions } from './tree-walk.js'

async function walk(storage: Storage, path: string, options: Partial<TreeWalkOptions> = {}) {
  const found: Found[] = []
  const tree = await TreeWalk.begin(storage, path, { links: 'report', ...options })
  for await (const page of tree.pages(
    async () => {},
    () => {},
  ))
    found.push(...page)
  await tree.close()
  return found
}

const everything: PermissionRule = { path: '/', allows: PERMISSIONS }

describe.each(['disk', 'memory'])('a walk of a storage (%s)', (kind) => {
  let folder: ReturnType<typeof tempFolder>
  let open: (rules: readonly PermissionRule[]) => Storage
  const disks: TestDisk[] = []

  beforeEach(() => {
    folder = tempFolder()
    const stored = noFiles()
    open = (rules) => {
      const permissions = new Permissions('ann', rules)
      if (kind === 'memory') return new MemoryStorage(permissions, stored)
      const disk = new TestDisk(folder.path, permissions)
      disks.push(disk)
      return disk
    }
  })
  afterEach(() => {
    for (const disk of disks.splice(0)) disk.close()
    folder[Symbol.dispose]()
  })

  test('tells a folder that the visitor may not list, and goes on', async () => {
    const owner = open([everything])
    for (const path of ['/a', '/private', '/z']) {
      await owner.makeFolder(path, 'one')
      await store(owner, `${path}/file`, 'x')
    }
    const guest = open([everything, { path: '/private', allows: ['read'] }])
    const found = await walk(guest, '/')
    expect(found.map(({ path }) => path).sort()).toEqual(['a', 'a/file', 'private', 'private', 'z', 'z/file'])
    expect(found.filter(({ type }) => type === 'unreadable')).toMatchObject([
      { path: 'private', error: { code: 'permission-denied' } },
    ])
    expect(await codeOf(() => walk(guest, '/private'))).toBe('permission-denied')
  })

  test('finds every name of a folder of several pages', async () => {
    const storage = open([everything])
    await storage.makeFolder('/a', 'one')
    for (let n = 0; n < 600; n++) await storage.makeFolder(`/a/${n}`, 'one')
    expect(await walk(storage, '/')).toHaveLength(601)
    expect(await walk(storage, '/a')).toHaveLength(600)
    expect(await walk(storage, '/', { name: '5??' })).toHaveLength(100)
  })

  test('passes over what is removed while it walks', async () => {
    const storage = open([everything])
    for (const path of ['/a', '/b']) await storage.makeFolder(path, 'one')
    const list = storage.list.bind(storage)
    storage.list = async (path) => {
      if (path === '/a') await storage.removeFolder('/a')
      return list(path)
    }
    expect((await walk(storage, '/')).map(({ path }) => path).sort()).toEqual(['a', 'b'])
  })

  test('goes no deeper than a path may be', async () => {
    const storage = open([everything])
    await storage.makeFolder('/d'.repeat(128), 'make-parents')
    expect(await walk(storage, '/')).toHaveLength(128)
    expect(await walk(storage, '/d/d')).toHaveLength(126)
  })
})

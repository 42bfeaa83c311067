import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEmptyDisk, root, storage, write } from '../../test/disk-fixture.js'
import { codeOf, load, names } from '../../test/disk-transfer.js'

openEmptyDisk()

describe('rename', () => {
  test('of a file, also into another folder', async () => {
    mkdirSync(join(root, 'folder'))
    write('file', 'content')
    await storage.rename('/file', '/folder/moved', 'fail')
    expect(await load(storage, '/folder/moved')).toBe('content')
    expect(await names(storage, '/')).toEqual(['folder'])
  })

  test('replaces, or fails and changes nothing, as asked', async () => {
    write('from', 'new')
    write('to', 'old')
    expect(await codeOf(() => storage.rename('/from', '/to', 'fail'))).toBe('exists')
    expect([await load(storage, '/from'), await load(storage, '/to')]).toEqual(['new', 'old'])
    await storage.rename('/from', '/to', 'overwrite')
    expect(await load(storage, '/to')).toBe('new')
    expect(await names(storage, '/')).toEqual(['to'])
  })

  test('to its own name changes nothing', async () => {
    write('file', 'content')
    await storage.rename('/file', '/file', 'overwrite')
    expect(await codeOf(() => storage.rename('/file', '/file', 'fail'))).toBe('exists')
    expect(await load(storage, '/file')).toBe('content')
  })

  test('from one link of a file to another removes the source', async () => {
    mkdirSync(join(root, 'folder'))
    write('a', 'content')
    linkSync(join(root, 'a'), join(root, 'folder', 'b'))
    linkSync(join(root, 'a'), join(root, 'c'))
    expect(await codeOf(() => storage.rename('/a', '/folder/b', 'fail'))).toBe('exists')
    await storage.rename('/a', '/folder/b', 'overwrite')
    expect(await names(storage, '/')).toEqual(['c', 'folder'])
    await storage.rename('/c', '/c', 'overwrite')
    expect(await load(storage, '/c')).toBe('content')
    expect(await load(storage, '/folder/b')).toBe('content')
  })

  test('does not replace a named pipe, and may move one', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    write('file')
    expect(await codeOf(() => storage.rename('/file', '/pipe', 'overwrite'))).toBe('unsupported')
    await storage.rename('/pipe', '/moved', 'fail')
    expect(await names(storage, '/')).toEqual(['file', 'moved'])
  })

  test('of a folder that fails leaves no empty folder under the new name', async () => {
    mkdirSync(join(root, 'a', 'b'), { recursive: true })
    expect(await codeOf(() => storage.rename('/a', '/a/b/c', 'fail'))).toBe('bad-request')
    expect(await names(storage, '/a/b')).toEqual([])
  })

  test('of folders: into itself, over a full one, over a file', async () => {
    mkdirSync(join(root, 'a', 'b'), { recursive: true })
    mkdirSync(join(root, 'c', 'd'), { recursive: true })
    write('file')
    expect(await codeOf(() => storage.rename('/a', '/a/b/a', 'overwrite'))).toBe('bad-request')
    expect(await codeOf(() => storage.rename('/a', '/c', 'overwrite'))).toBe('not-empty')
    expect(await codeOf(() => storage.rename('/a', '/c', 'fail'))).toBe('exists')
    expect(await codeOf(() => storage.rename('/a', '/file', 'overwrite'))).toBe('not-a-directory')
    expect(await codeOf(() => storage.rename('/file', '/a', 'overwrite'))).toBe('is-a-directory')
    expect(await codeOf(() => storage.rename('/', '/a', 'overwrite'))).toBe('bad-request')
    expect(await codeOf(() => storage.rename('/a', '/', 'overwrite'))).toBe('bad-request')
    await storage.rename('/a', '/c/a', 'fail')
    expect(await names(storage, '/c')).toEqual(['a', 'd'])
  })

  test('of nothing', async () => {
    expect(await codeOf(() => storage.rename('/none', '/b', 'fail'))).toBe('not-found')
  })
})

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProtocolError } from '@jftp/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { link, openFullDisk, outside, root, storage } from '../../test/disk-fixture.js'
import { codeOf, load, names, store } from '../../test/disk-transfer.js'

openFullDisk()

describe('a link that stays inside the root is followed', () => {
  test.each([
    ['beside it', 'link', 'file', 'in the root'],
    ['in a folder', 'link', 'folder/file', 'in the folder'],
    ['with dots and slashes', 'link', './folder//./deep/../file', 'in the folder'],
    ['upwards to the root itself', 'folder/deep/link', '../../file', 'in the root'],
  ])('%s', async (_what, path, target, content) => {
    link(path, target)
    expect(await load(storage, `/${path}`)).toBe(content)
  })

  test('an absolute one, by the root’s real path', async () => {
    link('link', join(root, 'folder', 'file'))
    link('top', root)
    expect(await load(storage, '/link')).toBe('in the folder')
    expect(await load(storage, '/top/folder/file')).toBe('in the folder')
  })

  test('a link to a link, and one in the middle of a path', async () => {
    link('one', 'two')
    link('two', 'folder')
    link('folder/three', '../one/deep')
    expect(await load(storage, '/one/three/file')).toBe('deep')
  })

  test('to a folder: ls, cd and put go through it', async () => {
    link('link', 'folder')
    expect(await names(storage, '/link')).toEqual(['deep', 'file'])
    storage.checkFolder('/link')
    expect(await store(storage, '/link/new', 'new')).toEqual({ type: 'stored', path: '/link/new' })
    expect(readFileSync(join(root, 'folder', 'new'), 'utf8')).toBe('new')
  })

  test('put to a link writes what it leads to and keeps the link', async () => {
    link('link', 'folder/file')
    expect((await store(storage, '/link', 'written')).type).toBe('stored')
    expect(storage.stat('/link')).toMatchObject({ type: 'link', target: 'folder/file' })
    expect(readFileSync(join(root, 'folder', 'file'), 'utf8')).toBe('written')
  })

  test('put to a link to nothing makes what it names', async () => {
    link('link', 'folder/later')
    expect((await store(storage, '/link', 'made')).type).toBe('stored')
    expect(readFileSync(join(root, 'folder', 'later'), 'utf8')).toBe('made')
  })
})

describe('a link that leads out of the root is shown and not followed', () => {
  const ways: [string, (outside: string) => string][] = [
    ['absolute', (path) => path],
    ['with ..', () => '../outside'],
    ['out and in again', () => '../root/../outside'],
    ['to a folder whose name begins as the root’s', () => `${root}side`],
    ['absolute, through the root and out', () => `${root}/../outside`],
    ['to the root of the machine', () => '/'],
  ]

  test.each(ways)('%s', async (_what, target) => {
    mkdirSync(`${root}side`)
    link('link', target(outside))
    expect(storage.stat('/link').type).toBe('link')
    expect(await names(storage, '/')).toEqual(['file', 'folder', 'link'])
    for (const path of ['/link', '/link/secret', '/link/new']) {
      expect(await codeOf(() => load(storage, path)), `get ${path}`).toBe('permission-denied')
      expect(await codeOf(() => store(storage, path, 'x')), `put ${path}`).toBe('permission-denied')
    }
    expect(await codeOf(() => names(storage, '/link'))).toBe('permission-denied')
    expect(await codeOf(() => storage.checkFolder('/link'))).toBe('permission-denied')
    expect(await codeOf(() => storage.stat('/link/secret'))).toBe('permission-denied')
    expect(await codeOf(() => storage.makeFolder('/link/new', 'one'))).toBe('permission-denied')
    expect(await codeOf(() => storage.makeFolder('/link/new', 'make-parents'))).toBe('permission-denied')
    expect(await codeOf(() => storage.removeFile('/link/secret'))).toBe('permission-denied')
    expect(await codeOf(() => storage.removeFolder('/link/secret'))).toBe('permission-denied')
    expect(await codeOf(() => storage.rename('/link/secret', '/mine', 'fail'))).toBe('permission-denied')
    expect(await codeOf(() => storage.rename('/file', '/link/taken', 'fail'))).toBe('permission-denied')
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  test('it can be renamed and removed, which leaves what it leads to alone', async () => {
    link('link', join(outside, 'secret'))
    await storage.rename('/link', '/moved', 'fail')
    await storage.removeFile('/moved')
    expect(await names(storage, '/')).toEqual(['file', 'folder'])
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  test('a link inside that ends in one that leads out', async () => {
    link('folder/out', join(outside, 'secret'))
    link('link', 'folder/out')
    expect(await codeOf(() => load(storage, '/link'))).toBe('permission-denied')
  })
})

describe('links that lead nowhere', () => {
  test('to what is not there: not-found', async () => {
    link('link', 'gone')
    expect(await codeOf(() => load(storage, '/link'))).toBe('not-found')
    expect(await codeOf(() => names(storage, '/link'))).toBe('not-found')
    expect(await codeOf(() => load(storage, '/link/below'))).toBe('not-found')
  })

  test('in circles: permission-denied, and no endless loop', async () => {
    link('self', 'self')
    link('a', 'b')
    link('b', 'folder/../a')
    for (const path of ['/self', '/a', '/a/file'])
      expect(await codeOf(() => load(storage, path)), path).toBe('permission-denied')
    expect(await codeOf(() => store(storage, '/self', 'x'))).toBe('permission-denied')
  })

  test('forty on one way are followed, more are taken for a circle', async () => {
    link('l1', 'file')
    for (let n = 2; n <= 41; n++) link(`l${n}`, `l${n - 1}`)
    expect(await load(storage, '/l40')).toBe('in the root')
    expect(await codeOf(() => load(storage, '/l41'))).toBe('permission-denied')
  })
})

describe('a path that goes wrong on its way', () => {
  test('a file in the place of a folder', async () => {
    expect(await codeOf(() => load(storage, '/file/below'))).toBe('not-a-directory')
    expect(await codeOf(() => store(storage, '/file/below', 'x'))).toBe('not-a-directory')
    expect(await codeOf(() => storage.checkFolder('/file'))).toBe('not-a-directory')
  })

  test('nothing there', async () => {
    expect(await codeOf(() => load(storage, '/none/below'))).toBe('not-found')
    expect(await codeOf(() => store(storage, '/none/below', 'x'))).toBe('not-found')
    expect(await codeOf(() => storage.checkFolder('/none'))).toBe('not-found')
  })

  test('no error names a path of the server’s own', async () => {
    link('link', outside)
    const acts: (() => unknown)[] = [
      () => storage.stat('/none'),
      () => storage.stat('/link/secret'),
      () => storage.openDownload('/file/below', { digest: 'md5' }),
      () => storage.removeFolder('/folder'),
    ]
    for (const act of acts) {
      const error = await Promise.resolve()
        .then(act)
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ProtocolError)
      expect(String(error)).not.toContain(root)
      expect(String(error)).not.toContain('/proc')
    }
  })
})

describe('the server’s own folder .jftp', () => {
  beforeEach(() => {
    mkdirSync(join(root, '.jftp', 'staging-1'), { recursive: true })
    writeFileSync(join(root, '.jftp', 'staging-1', '0-0'), 'half')
  })

  test('is not listed', async () => {
    link('top', '.')
    expect(await names(storage, '/')).toEqual(['file', 'folder', 'top'])
    expect(await names(storage, '/top')).toEqual(['file', 'folder', 'top'])
  })

  test.each(['/.jftp', '/.JFTP', '/top/.jftp', '/folder/up/.jftp', '/own', '/absolute'])(
    'is not reached by %s',
    async (path) => {
      link('top', '.')
      link('folder/up', '..')
      link('own', 'folder/../.jftp')
      link('absolute', join(root, '.jftp'))
      const below = `${path}/staging-1/0-0`
      expect(await codeOf(() => load(storage, below))).toBe('permission-denied')
      expect(await codeOf(() => store(storage, below, 'x'))).toBe('permission-denied')
      expect(await codeOf(() => names(storage, path))).toBe('permission-denied')
      expect(await codeOf(() => storage.checkFolder(path))).toBe('permission-denied')
      expect(await codeOf(() => storage.stat(below))).toBe('permission-denied')
      expect(await codeOf(() => storage.removeFile(below))).toBe('permission-denied')
      expect(await codeOf(() => storage.makeFolder(`${path}/new`, 'one'))).toBe('permission-denied')
      expect(await codeOf(() => storage.rename(below, '/mine', 'overwrite'))).toBe('permission-denied')
      expect(await codeOf(() => storage.rename('/file', below, 'overwrite'))).toBe('permission-denied')
      expect(readFileSync(join(root, '.jftp', 'staging-1', '0-0'), 'utf8')).toBe('half')
    },
  )

  test('by its own name nothing can be made, put, moved there or removed', async () => {
    expect(await codeOf(() => storage.removeFolder('/.jftp'))).toBe('permission-denied')
    rmSync(join(root, '.jftp'), { recursive: true })
    expect(await codeOf(() => storage.makeFolder('/.jftp', 'make-parents'))).toBe('permission-denied')
    expect(await codeOf(() => store(storage, '/.jftp', 'x'))).toBe('permission-denied')
    expect(await codeOf(() => storage.rename('/folder', '/.jftp', 'fail'))).toBe('permission-denied')
  })

  test('below the top the name is free', async () => {
    await storage.makeFolder('/folder/.jftp', 'one')
    expect((await store(storage, '/folder/.jftp/file', 'mine')).type).toBe('stored')
    expect(await names(storage, '/folder')).toEqual(['.jftp', 'deep', 'file'])
  })
})

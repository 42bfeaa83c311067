import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { openEmptyDisk, read, root, staged, storage, visible, write } from '../../test/disk-fixture.js'
import { begin, codeOf, complete, store } from '../../test/disk-transfer.js'

openEmptyDisk()

describe('where the name is free', () => {
  test.each(['overwrite', 'skip', 'rename', 'fail'] as const)('%s stores it', async (onExists) => {
    expect(await store(storage, '/file', 'new', { onExists })).toEqual({ type: 'stored', path: '/file' })
    expect(read('file')).toBe('new')
    expect(staged()).toEqual([])
  })
})

describe('where the name is taken', () => {
  beforeEach(() => write('file', 'old'))

  test('overwrite replaces the file, as a new one: who has the old one open reads on', async () => {
    linkSync(join(root, 'file'), join(root, 'old'))
    expect(await store(storage, '/file', 'new')).toEqual({ type: 'stored', path: '/file' })
    expect([read('file'), read('old')]).toEqual(['new', 'old'])
  })

  test('skip leaves it, without an upload', () => {
    const options = { digest: 'md5', onExists: 'skip' } as const
    expect(storage.openUpload('/file', options)).toBe('skipped')
    expect(visible()).toEqual(['file'])
    expect(existsSync(join(root, '.jftp'))).toBe(false)
  })

  test('fail refuses, without an upload', async () => {
    expect(await codeOf(() => begin(storage, '/file', { onExists: 'fail' }))).toBe('exists')
    expect(read('file')).toBe('old')
    expect(existsSync(join(root, '.jftp'))).toBe(false)
  })

  test('rename keeps it and every earlier copy: NAME.new, NAME.new.2, NAME.new.3', async () => {
    for (const [content, path] of [
      ['a', '/file.new'],
      ['b', '/file.new.2'],
      ['c', '/file.new.3'],
    ]) {
      const outcome = await store(storage, '/file', content as string, { onExists: 'rename' })
      expect(outcome).toEqual({ type: 'stored', path })
    }
    expect([read('file'), read('file.new'), read('file.new.2'), read('file.new.3')]).toEqual([
      'old',
      'a',
      'b',
      'c',
    ])
    rmSync(join(root, 'file.new.2'))
    const outcome = await store(storage, '/file', 'd', { onExists: 'rename' })
    expect(outcome).toEqual({ type: 'stored', path: '/file.new.2' })
  })

  test('rename through a link names the file that exists now, beside the one the link leads to', async () => {
    mkdirSync(join(root, 'folder'))
    write('folder/target', 'old')
    symlinkSync('folder/target', join(root, 'link'))
    symlinkSync('folder/free', join(root, 'dangling'))
    const options = { onExists: 'rename' } as const
    expect(await store(storage, '/link', 'new', options)).toEqual({
      type: 'stored',
      path: '/folder/target.new',
    })
    expect(await store(storage, '/dangling', 'x', options)).toEqual({ type: 'stored', path: '/dangling' })
    expect([read('folder/target'), read('folder/target.new'), read('folder/free')]).toEqual([
      'old',
      'new',
      'x',
    ])
  })
})

describe('mode and time', () => {
  test('a new file has the mode the umask gives, or the one asked for', async () => {
    await store(storage, '/default', 'x')
    await store(storage, '/asked', 'x', { mode: 0o640 })
    await store(storage, '/special', 'x', { mode: 0o6755 })
    expect(statSync(join(root, 'default')).mode & 0o7777).toBe(0o666 & ~process.umask())
    expect(statSync(join(root, 'asked')).mode & 0o7777).toBe(0o640)
    // Set-user-id is not for strangers to hand out.
    expect(statSync(join(root, 'special')).mode & 0o7777).toBe(0o755)
  })

  test('a file that is replaced keeps its mode, unless another is asked for', async () => {
    write('file', 'old')
    chmodSync(join(root, 'file'), 0o604)
    await store(storage, '/file', 'new')
    expect(statSync(join(root, 'file')).mode & 0o7777).toBe(0o604)
    await store(storage, '/file', 'newer', { mode: 0o600 })
    expect(statSync(join(root, 'file')).mode & 0o7777).toBe(0o600)
  })

  test.each([1_600_000_000_123, 1_700_000_000_999, 4_000_000_000_001, 1, 0, -1, -86_399_877])(
    'mtime %d is kept',
    async (mtime) => {
      await store(storage, '/file', 'x', { mtime })
      expect(storage.stat('/file').mtime).toBe(mtime)
    },
  )

  test.each([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
    'mtime %d is beyond every calendar: refused before a byte is taken',
    async (mtime) => {
      expect(await codeOf(() => begin(storage, '/file', { mtime }))).toBe('bad-request')
      expect(visible()).toEqual([])
    },
  )
})

describe('discarded', () => {
  test('what was there is there', async () => {
    write('file', 'old')
    const upload = begin(storage, '/file')
    await upload.write([Buffer.from('new')])
    await upload.discard()
    expect(read('file')).toBe('old')
    expect(staged()).toEqual([])
  })

  test('also when somebody emptied the staging folder meanwhile', async () => {
    const upload = begin(storage, '/file')
    rmSync(join(root, '.jftp'), { recursive: true })
    await upload.discard()
    expect(visible()).toEqual([])
  })
})

test('an upload goes on after somebody took the staging folder away', async () => {
  await store(storage, '/one', 'x')
  rmSync(join(root, '.jftp'), { recursive: true })
  expect(await store(storage, '/two', 'x')).toEqual({ type: 'stored', path: '/two' })
})

test('an upload whose staged file was taken away fails and changes nothing', async () => {
  write('file', 'old')
  const upload = begin(storage, '/file')
  rmSync(join(root, '.jftp'), { recursive: true })
  expect(await complete(upload, 'new')).toMatchObject({ type: 'failed' })
  expect(read('file')).toBe('old')
})

test('pieces in any number are written in order and digested', async () => {
  const upload = begin(storage, '/file')
  await upload.write(['a', 'b', 'c'].map((text) => Buffer.from(text)))
  await upload.write([])
  await upload.write([Buffer.from('d')])
  expect(await upload.finish()).toEqual({
    size: 4,
    digest: { alg: 'md5', hex: 'e2fc714c4727ee9395f324cd2e7f331f' },
  })
  await new Promise((resolve) => upload.commit(resolve))
  expect(read('file')).toBe('abcd')
})

test.each(['/', '/folder'])('%s is a folder: refused', async (path) => {
  mkdirSync(join(root, 'folder'))
  expect(await codeOf(() => begin(storage, path))).toBe('is-a-directory')
})

test('more than the disk has room for is refused before a byte is taken', async () => {
  expect(await codeOf(() => begin(storage, '/file', { size: 2 ** 52 }))).toBe('no-space')
})

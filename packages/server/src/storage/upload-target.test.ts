import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEmptyDisk, read, root, staged, storage, visible, write } from '../../test/disk-fixture.js'
import { begin, codeOf, complete, store } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import type { CommitOutcome, Upload } from './storage.js'

openEmptyDisk()

describe('a named pipe, a socket or a device', () => {
  test('is not replaced by a file', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    symlinkSync('pipe', join(root, 'link'))
    const server = createServer().listen(join(root, 'socket'))
    await once(server, 'listening')
    for (const path of ['/pipe', '/link', '/socket'])
      expect(await codeOf(() => begin(storage, path))).toBe('unsupported')
    expect(storage.stat('/pipe').type).toBe('other')
    expect(storage.stat('/socket').type).toBe('other')
    expect(await store(storage, '/pipe', 'x', { onExists: 'rename' })).toMatchObject({ path: '/pipe.new' })
    server.close()
  })
})

describe('where the name is taken between the beginning and the end', () => {
  async function overtaken(onExists: 'overwrite' | 'skip' | 'rename' | 'fail') {
    const upload = begin(storage, '/file', { onExists })
    write('file', 'first')
    const outcome = await complete(upload, 'second')
    expect(staged()).toEqual([])
    return outcome
  }

  test('overwrite: the last wins', async () => {
    expect(await overtaken('overwrite')).toEqual({ type: 'stored', path: '/file' })
    expect(read('file')).toBe('second')
  })

  test('skip: skipped', async () => {
    expect(await overtaken('skip')).toEqual({ type: 'skipped' })
    expect(read('file')).toBe('first')
  })

  test('fail: exists', async () => {
    expect(await overtaken('fail')).toMatchObject({ type: 'failed', error: { code: 'exists' } })
    expect(read('file')).toBe('first')
  })

  test('rename: NAME.new', async () => {
    expect(await overtaken('rename')).toEqual({ type: 'stored', path: '/file.new' })
    expect([read('file'), read('file.new')]).toEqual(['first', 'second'])
  })

  test('by a folder: is-a-directory', async () => {
    const upload = begin(storage, '/file')
    mkdirSync(join(root, 'file'))
    const outcome = await complete(upload, 'x')
    expect(outcome).toMatchObject({ type: 'failed', error: { code: 'is-a-directory' } })
    expect(staged()).toEqual([])
  })

  test('two with fail at once: one is stored, one is refused', async () => {
    const uploads = [1, 2].map(() => begin(storage, '/file', { onExists: 'fail' }))
    const outcomes = await Promise.all(uploads.map((upload, index) => complete(upload, `from ${index}`)))
    expect(outcomes.map(({ type }) => type)).toEqual(['stored', 'failed'])
    expect(read('file')).toBe('from 0')
    expect(staged()).toEqual([])
  })

  test('the folder is gone: not-found, nothing left', async () => {
    mkdirSync(join(root, 'folder'))
    const upload = begin(storage, '/folder/file')
    rmSync(join(root, 'folder'), { recursive: true })
    const outcome = await complete(upload, 'x')
    expect(outcome).toMatchObject({ type: 'failed', error: { code: 'not-found', path: '/folder/file' } })
    expect(visible()).toEqual([])
    expect(staged()).toEqual([])
  })
})

describe('where the folder is moved between the beginning and the end', () => {
  test.each(['overwrite', 'fail', 'rename'] as const)('inside the root, %s: changed', async (onExists) => {
    mkdirSync(join(root, 'folder'))
    const upload = begin(storage, '/folder/file', { onExists })
    await storage.rename('/folder', '/moved', 'fail')
    const outcome = await complete(upload, 'x')
    expect(outcome).toMatchObject({ type: 'failed', error: { code: 'changed', path: '/folder/file' } })
    expect(readdirSync(join(root, 'moved'))).toEqual([])
    expect(staged()).toEqual([])
  })

  test('only the uploads that were begun before are refused, each by its own path', async () => {
    mkdirSync(join(root, 'folder'))
    const early = [begin(storage, '/folder/a'), begin(storage, '/folder/b')]
    renameSync(join(root, 'folder'), join(root, 'moved'))
    const late = begin(storage, '/moved/c')
    const outcomes = await Promise.all([...early, late].map((upload) => complete(upload, 'x')))
    expect(outcomes).toMatchObject([
      { type: 'failed', error: { code: 'changed', path: '/folder/a' } },
      { type: 'failed', error: { code: 'changed', path: '/folder/b' } },
      { type: 'stored', path: '/moved/c' },
    ])
    expect(readdirSync(join(root, 'moved'))).toEqual(['c'])
  })

  test('out of the root: nothing is written there', async () => {
    using outside = tempFolder()
    mkdirSync(join(root, 'folder'))
    symlinkSync('folder', join(root, 'link'))
    const uploads = [begin(storage, '/folder/file'), begin(storage, '/link/other')]
    renameSync(join(root, 'folder'), join(outside.path, 'folder'))
    for (const upload of uploads)
      expect(await complete(upload, 'x')).toMatchObject({ type: 'failed', error: { code: 'changed' } })
    expect(readdirSync(join(outside.path, 'folder'))).toEqual([])
    expect(staged()).toEqual([])
  })
})

test('an upload waits for an earlier one to the same name, and keeps the mode of that', async () => {
  mkdirSync(join(root, 'folder'))
  symlinkSync('folder/file', join(root, 'link'))
  const outcomes: Promise<CommitOutcome>[] = []
  for (const [index, path] of ['/folder/file', '/link', '/folder/file'].entries()) {
    const options = { digest: 'md5', onExists: 'overwrite', ...(index === 0 ? { mode: 0o600 } : {}) } as const
    const upload = (await storage.openUpload(path, options)) as Upload
    await upload.write([Buffer.from(`from ${index}`)])
    await upload.finish()
    outcomes.push(new Promise((resolve) => upload.commit(resolve)))
  }
  for (const outcome of await Promise.all(outcomes)) expect(outcome.type).toBe('stored')
  expect(read('folder/file')).toBe('from 2')
  expect(statSync(join(root, 'folder/file')).mode & 0o777).toBe(0o600)
})

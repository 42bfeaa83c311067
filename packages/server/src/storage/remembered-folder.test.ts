import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, load, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'

/*
 * outside/secret          never to be seen
 * root/file               'in the root'
 * root/folder/file        'in the folder'
 * root/folder/deep/file   'deep'
 */
let home: ReturnType<typeof tempFolder>
let root = ''
let outside = ''
let storage: TestDisk

beforeEach(() => {
  home = tempFolder()
  root = join(home.path, 'root')
  outside = join(home.path, 'outside')
  mkdirSync(join(root, 'folder', 'deep'), { recursive: true })
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'secret')
  writeFileSync(join(root, 'file'), 'in the root')
  writeFileSync(join(root, 'folder', 'file'), 'in the folder')
  writeFileSync(join(root, 'folder', 'deep', 'file'), 'deep')
  storage = new TestDisk(root)
})
afterEach(() => {
  storage.close()
  home[Symbol.dispose]()
})

/** A link at `path` in the root. */
function link(path: string, target: string): void {
  symlinkSync(target, join(root, path))
}

describe('a folder that was used just before', () => {
  beforeEach(async () => {
    expect(await load(storage, '/folder/deep/file')).toBe('deep')
  })

  test('is not used any more when it has been moved out of the root, even where a link leads there', async () => {
    renameSync(join(root, 'folder'), join(outside, 'folder'))
    link('folder', join(outside, 'folder'))
    expect(await codeOf(() => load(storage, '/folder/deep/file'))).toBe('permission-denied')
    expect(await codeOf(() => store(storage, '/folder/deep/new', 'x'))).toBe('permission-denied')
    expect(readdirSync(join(outside, 'folder', 'deep'))).toEqual(['file'])
  })

  test('is looked for again when another has taken its place', async () => {
    renameSync(join(root, 'folder', 'deep'), join(root, 'folder', 'old'))
    mkdirSync(join(root, 'folder', 'deep'))
    writeFileSync(join(root, 'folder', 'deep', 'file'), 'another')
    expect(await load(storage, '/folder/deep/file')).toBe('another')
    expect(await load(storage, '/folder/old/file')).toBe('deep')
  })

  test('is not used when it has been removed', async () => {
    rmSync(join(root, 'folder'), { recursive: true })
    expect(await codeOf(() => load(storage, '/folder/deep/file'))).toBe('not-found')
    expect(await codeOf(() => store(storage, '/folder/deep/new', 'x'))).toBe('not-found')
  })

  test('is looked for again when a link on its way points elsewhere', async () => {
    link('way', 'folder')
    expect(await load(storage, '/way/file')).toBe('in the folder')
    rmSync(join(root, 'way'))
    link('way', 'folder/deep')
    expect(await load(storage, '/way/file')).toBe('deep')
  })

  test('is not taken for one whose name is not UTF-8 and reads the same', async () => {
    mkdirSync(join(root, 'b\ufffdd'))
    writeFileSync(join(root, 'b\ufffdd', 'file'), 'readable')
    expect(await load(storage, '/b\ufffdd/file')).toBe('readable')
    renameSync(join(root, 'b\ufffdd'), Buffer.concat([Buffer.from(`${root}/b`), Buffer.from([0xff, 0x64])]))
    expect(await codeOf(() => load(storage, '/b\ufffdd/file'))).toBe('not-found')
    expect(await codeOf(() => store(storage, '/b\ufffdd/new', 'x'))).toBe('not-found')
  })
})

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { link, openFullDisk, outside, root, storage } from '../../test/disk-fixture.js'
import { codeOf, load, store } from '../../test/disk-transfer.js'

openFullDisk()

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

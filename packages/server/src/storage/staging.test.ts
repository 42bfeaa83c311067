import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { begin, codeOf, complete, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { removeStaging, sweepStaging } from './staging-sweep.js'

let folder: ReturnType<typeof tempFolder>
let root = ''
const own = `staging-${process.pid}`

beforeEach(() => {
  folder = tempFolder()
  root = folder.path
})
afterEach(() => folder[Symbol.dispose]())

function plant(name: string): void {
  mkdirSync(join(root, '.jftp', name), { recursive: true })
  writeFileSync(join(root, '.jftp', name, '1-0'), 'half')
}

/** The pid of a process that has ended and been waited for. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  return child.pid as number
}

describe('the sweep at the start', () => {
  test('takes what dead daemons and an earlier one of this pid left, and keeps a living one’s', async () => {
    const dead = `staging-${await deadPid()}`
    const alive = `staging-${process.ppid}`
    for (const name of [dead, alive, own]) plant(name)
    sweepStaging(root)
    expect(readdirSync(join(root, '.jftp'))).toEqual([alive])
    expect(readdirSync(join(root, '.jftp', alive))).toEqual(['1-0'])
  })

  test('leaves alone what is not named as a staging folder', () => {
    for (const name of ['notes', 'staging-', 'staging-x', 'staging-1.5']) plant(name)
    sweepStaging(root)
    expect(readdirSync(join(root, '.jftp')).sort()).toEqual(['notes', 'staging-', 'staging-1.5', 'staging-x'])
  })

  test('does not follow a link planted as a staging folder', async () => {
    using outside = tempFolder()
    writeFileSync(join(outside.path, 'kept'), '')
    mkdirSync(join(root, '.jftp'))
    symlinkSync(outside.path, join(root, '.jftp', `staging-${await deadPid()}`))
    sweepStaging(root)
    expect(readdirSync(join(root, '.jftp'))).toEqual([])
    expect(readdirSync(outside.path)).toEqual(['kept'])
  })

  test('does not follow a link planted as .jftp', async () => {
    using outside = tempFolder()
    const dead = `staging-${await deadPid()}`
    mkdirSync(join(outside.path, dead))
    symlinkSync(outside.path, join(root, '.jftp'))
    sweepStaging(root)
    expect(readdirSync(outside.path)).toEqual([dead])
  })

  test('has nothing to do in a new root', () => {
    sweepStaging(root)
    expect(readdirSync(root)).toEqual([])
  })
})

describe('the staging folder', () => {
  test('is made by the first upload, for its owner only, and gone after the last', async () => {
    const storage = new TestDisk(root)
    expect(existsSync(join(root, '.jftp'))).toBe(false)
    await store(storage, '/file', 'x')
    expect(readdirSync(join(root, '.jftp'))).toEqual([own])
    storage.close()
    removeStaging(root)
    expect(readdirSync(root)).toEqual(['file'])
  })

  test('stays with another daemon’s when one is taken away', async () => {
    plant(`staging-${process.ppid}`)
    const storage = new TestDisk(root)
    await store(storage, '/file', 'x')
    storage.close()
    removeStaging(root)
    expect(readdirSync(join(root, '.jftp'))).toEqual([`staging-${process.ppid}`])
  })

  test.each(['a link that leads out', 'a file'])('is not made where .jftp is %s', async (what) => {
    using outside = tempFolder()
    if (what === 'a file') writeFileSync(join(root, '.jftp'), '')
    else symlinkSync(outside.path, join(root, '.jftp'))
    const storage = new TestDisk(root)
    expect(await codeOf(() => store(storage, '/file', 'x'))).toBe('not-a-directory')
    storage.close()
    expect(readdirSync(root)).toEqual(['.jftp'])
    expect(readdirSync(outside.path)).toEqual([])
  })

  test('is not written through a link planted in its place', async () => {
    using outside = tempFolder()
    mkdirSync(join(root, '.jftp'))
    symlinkSync(outside.path, join(root, '.jftp', own))
    const storage = new TestDisk(root)
    expect(await codeOf(() => store(storage, '/file', 'x'))).toBe('not-a-directory')
    storage.close()
    expect(readdirSync(outside.path)).toEqual([])
  })

  test('holds an upload under way and nothing else does; discarded, nothing is left of it', async () => {
    const storage = new TestDisk(root)
    const upload = begin(storage, '/file')
    await upload.write([Buffer.from('half')])
    expect(readdirSync(root)).toEqual(['.jftp'])
    expect(readdirSync(join(root, '.jftp', own))).toHaveLength(1)
    await upload.discard()
    expect(readdirSync(join(root, '.jftp', own))).toEqual([])
    storage.close()
  })

  test('two storages of one process don’t take each other’s names', async () => {
    const first = new TestDisk(root)
    const second = new TestDisk(root)
    const uploads = [begin(first, '/a'), begin(second, '/b')] as const
    expect(await Promise.all(uploads.map((upload) => complete(upload, 'x')))).toEqual([
      { type: 'stored', path: '/a' },
      { type: 'stored', path: '/b' },
    ])
    first.close()
    second.close()
  })
})

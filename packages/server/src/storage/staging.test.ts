import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { begin, codeOf, complete, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { OWN_ID } from './daemon-id.js'
import { removeStaging, sweepStaging } from './staging-sweep.js'

let folder: ReturnType<typeof tempFolder>
let root = ''
const own = `staging-${OWN_ID}`

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

/** Leaves the socket of a process that was killed. */
async function leaveSocket(path: string): Promise<void> {
  const program = `require('node:net').createServer().listen(process.argv[1], () => console.log('there'))`
  const child = spawn(process.execPath, ['--eval', program, path])
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe('the sweep at the start', () => {
  test('takes what dead daemons and an earlier one of this pid left, and keeps a living one’s', async () => {
    const dead = `staging-${await deadPid()}`
    const alive = `staging-${process.ppid}`
    for (const name of [dead, alive, own]) plant(name)
    await sweepStaging(root)
    expect(readdirSync(join(root, '.jftp'))).toEqual([alive])
    expect(readdirSync(join(root, '.jftp', alive))).toEqual(['1-0'])
  })

  test('takes what a daemon of another container has left, and keeps what one that runs has there', async () => {
    const [ended, running] = ['staging-1-7', 'staging-1-8']
    for (const name of [ended, running]) plant(name)
    for (const id of ['1-7', '1-8']) await leaveSocket(join(root, '.jftp', `alive-${id}`))
    const server = createServer()
    rmSync(join(root, '.jftp', 'alive-1-8'))
    await once(server.listen(join(root, '.jftp', 'alive-1-8')), 'listening')
    await sweepStaging(root)
    expect(readdirSync(join(root, '.jftp')).sort()).toEqual(['alive-1-7', 'alive-1-8', running])
    server.close()
  })

  test('without a socket, keeps what another container has, until nothing has changed there for a day', async () => {
    plant('staging-1-7')
    await sweepStaging(root)
    expect(readdirSync(join(root, '.jftp'))).toEqual(['staging-1-7'])
    const yesterday = new Date(Date.now() - 25 * 3_600_000)
    utimesSync(join(root, '.jftp', 'staging-1-7'), yesterday, yesterday)
    await sweepStaging(root)
    expect(readdirSync(join(root, '.jftp'))).toEqual([])
  })

  test('leaves alone what is not named as a staging folder', async () => {
    for (const name of ['notes', 'staging-', 'staging-x', 'staging-1.5']) plant(name)
    await sweepStaging(root)
    expect(readdirSync(join(root, '.jftp')).sort()).toEqual(['notes', 'staging-', 'staging-1.5', 'staging-x'])
  })

  test('does not follow a link planted as a staging folder', async () => {
    using outside = tempFolder()
    writeFileSync(join(outside.path, 'kept'), '')
    mkdirSync(join(root, '.jftp'))
    symlinkSync(outside.path, join(root, '.jftp', `staging-${await deadPid()}`))
    await sweepStaging(root)
    expect(readdirSync(join(root, '.jftp'))).toEqual([])
    expect(readdirSync(outside.path)).toEqual(['kept'])
  })

  test('does not follow a link planted as .jftp', async () => {
    using outside = tempFolder()
    const dead = `staging-${await deadPid()}`
    mkdirSync(join(outside.path, dead))
    symlinkSync(outside.path, join(root, '.jftp'))
    await sweepStaging(root)
    expect(readdirSync(outside.path)).toEqual([dead])
  })

  test('has nothing to do in a new root', async () => {
    await sweepStaging(root)
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
    await removeStaging(root)
    expect(readdirSync(root)).toEqual(['file'])
  })

  test('stays with another daemon’s when one is taken away', async () => {
    plant(`staging-${process.ppid}`)
    const storage = new TestDisk(root)
    await store(storage, '/file', 'x')
    storage.close()
    await removeStaging(root)
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

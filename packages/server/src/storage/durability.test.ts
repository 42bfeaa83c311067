import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { begin, codeOf, complete, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { OWN_ID } from './daemon-id.js'

/*
 * What a loss of power leaves can't be tried here, but the order of the calls that decide it can be seen:
 * the real ones are made, and written down.
 */
const calls: string[] = []
const { fchmodSync, fsync, fsyncSync, futimesSync, linkSync, readlinkSync, renameSync, unlinkSync } = fs
const real = { fchmodSync, fsync, fsyncSync, futimesSync, linkSync, readlinkSync, renameSync, unlinkSync }
let folder: ReturnType<typeof tempFolder>
let root = ''

/** What an open descriptor is of: its path in the root, `staged` for a file in staging. */
function nameOf(fd: number): string {
  const path = real.readlinkSync(`/proc/self/fd/${fd}`)
  return path.includes('/.jftp/') ? 'staged' : path.replace(root, '/').replace('//', '/')
}

beforeEach(() => {
  folder = tempFolder()
  root = folder.path
  calls.length = 0
  fs.fsyncSync = (fd) => {
    calls.push(`sync ${nameOf(fd)}`)
    real.fsyncSync(fd)
  }
  fs.fsync = ((fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
    const name = nameOf(fd)
    real.fsync(fd, (error) => {
      calls.push(`sync ${name}`)
      done(error)
    })
  }) as typeof fs.fsync
  fs.renameSync = (from, to) => {
    calls.push('rename')
    real.renameSync(from, to)
  }
  fs.linkSync = (from, to) => {
    calls.push('link')
    real.linkSync(from, to)
  }
  syncBuiltinESMExports()
})
afterEach(() => {
  Object.assign(fs, real)
  syncBuiltinESMExports()
  folder[Symbol.dispose]()
})

const onLinux = { skip: process.platform !== 'linux' }

test.each([
  ['overwrite', 'rename'],
  ['fail', 'link'],
] as const)(
  'onExists %s: the file is synced, then named, then its folder synced, then said to be stored',
  onLinux,
  async (onExists, how) => {
    fs.mkdirSync(join(root, 'folder'))
    const storage = new TestDisk(root)
    expect(await store(storage, '/folder/file', 'content', { onExists })).toMatchObject({ type: 'stored' })
    calls.push('stored')
    storage.close()
    expect(calls).toEqual(['sync staged', how, 'sync /folder', 'stored'])
  },
)

test(
  'many at once: each is synced before any gets its name, and each folder after the last',
  onLinux,
  async () => {
    for (const name of ['a', 'b']) fs.mkdirSync(join(root, name))
    const storage = new TestDisk(root)
    const paths = Array.from({ length: 20 }, (_, n) => `/${n % 2 === 0 ? 'a' : 'b'}/${n}`)
    const uploads = paths.map((path) => complete(begin(storage, path), path))
    for (const outcome of await Promise.all(uploads)) expect(outcome.type).toBe('stored')
    storage.close()
    const first = (what: string) => calls.indexOf(what)
    const last = (what: string) => calls.lastIndexOf(what)
    expect(calls.filter((call) => call === 'sync staged')).toHaveLength(20)
    expect(last('sync staged')).toBeLessThan(first('rename'))
    expect(first('sync /a')).toBeGreaterThan(last('rename'))
    expect(first('sync /b')).toBeGreaterThan(last('rename'))
  },
)

test('a file that can’t be synced is not published', onLinux, async () => {
  const failed = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' })
  fs.fsync = ((_fd: number, done: (error: Error) => void) => done(failed)) as typeof fs.fsync
  fs.fsyncSync = () => {
    throw failed
  }
  syncBuiltinESMExports()
  fs.writeFileSync(join(root, 'file'), 'old')
  const storage = new TestDisk(root)
  expect(await store(storage, '/file', 'new')).toMatchObject({
    type: 'failed',
    error: { code: 'io-error' },
  })
  storage.close()
  expect(fs.readFileSync(join(root, 'file'), 'utf8')).toBe('old')
  expect(calls).toEqual([])
})

test('a folder that was made is synced in the one above it', onLinux, async () => {
  const storage = new TestDisk(root)
  await storage.makeFolder('/a/b', 'make-parents')
  storage.close()
  expect(calls).toEqual(['sync /', 'sync /a'])
})

test(
  'what is moved or removed is synced in the folders concerned before it is said to be done',
  onLinux,
  async () => {
    for (const name of ['a', 'b', 'a/folder']) fs.mkdirSync(join(root, name))
    fs.writeFileSync(join(root, 'a/file'), '')
    const storage = new TestDisk(root)
    await storage.rename('/a/file', '/b/file', 'overwrite')
    expect(calls.splice(0)).toEqual(['rename', 'sync /b', 'sync /a'])
    await storage.removeFile('/b/file')
    expect(calls.splice(0)).toEqual(['sync /b'])
    await storage.removeFolder('/a/folder')
    expect(calls.splice(0)).toEqual(['sync /a'])
    storage.close()
  },
)

/** Folders can't be synced, files can. */
function failFolderSync(): void {
  const failed = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' })
  fs.fsync = ((fd: number, done: (error: Error | null) => void) =>
    fs.fstatSync(fd).isDirectory() ? done(failed) : real.fsync(fd, done)) as typeof fs.fsync
  syncBuiltinESMExports()
}

test(
  'if a folder can’t be synced, the answer says that the change can be seen all the same',
  onLinux,
  async () => {
    failFolderSync()
    fs.writeFileSync(join(root, 'file'), 'old')
    const storage = new TestDisk(root)
    const outcome = await store(storage, '/file', 'new', { onExists: 'rename' })
    expect(outcome).toMatchObject({ type: 'failed', error: { code: 'io-error', path: '/file.new' } })
    expect(String((outcome as { error: Error }).error.message)).toContain('can be seen')
    expect(fs.readFileSync(join(root, 'file.new'), 'utf8')).toBe('new')
    await expect(storage.removeFile('/file')).rejects.toThrow('can be seen')
    expect(fs.existsSync(join(root, 'file'))).toBe(false)
    storage.close()
  },
)

test.each([
  ['mode', 'fchmodSync', { mode: 0o600 }],
  ['time', 'futimesSync', { mtime: 1000 }],
] as const)(
  'if the %s can’t be set, the upload fails before its commit, and nothing is left open or staged',
  onLinux,
  async (_what, call, options) => {
    fs[call] = () => {
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: call })
    }
    syncBuiltinESMExports()
    const storage = new TestDisk(root)
    await store(storage, '/other', 'x')
    const before = fs.readdirSync('/proc/self/fd').length
    for (let n = 0; n < 20; n++)
      expect(await codeOf(() => storeUnlessFailed(storage, '/file', options))).toBe('io-error')
    expect(fs.readdirSync('/proc/self/fd').length).toBe(before)
    expect(fs.readdirSync(join(root, '.jftp', `staging-${OWN_ID}`))).toEqual([])
    expect(await store(storage, '/another', 'x')).toMatchObject({ type: 'stored' })
    storage.close()
  },
)

/** What the session does: an upload that can't be finished is discarded. */
async function storeUnlessFailed(storage: TestDisk, path: string, options: object): Promise<unknown> {
  const upload = begin(storage, path, options)
  try {
    await upload.finish()
  } catch (error) {
    await upload.discard()
    throw error
  }
  return new Promise((resolve) => upload.commit(resolve))
}

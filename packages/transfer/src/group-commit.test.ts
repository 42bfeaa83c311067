import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Commit, FolderSyncError, GroupCommit } from './group-commit.js'

/* The real calls are made; where a test needs a call to fail, it fails for the descriptors named here. */
const { closeSync, fsync } = fs
const real = { closeSync, fsync }
const failing = new Set<number>()
let folder = ''
let commits: GroupCommit

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'jftp-commit-'))
  commits = new GroupCommit()
  failing.clear()
  fs.closeSync = (fd) => {
    real.closeSync(fd)
    if (failing.has(fd)) throw systemError('close')
  }
  syncBuiltinESMExports()
})
afterEach(() => {
  Object.assign(fs, real)
  syncBuiltinESMExports()
  fs.rmSync(folder, { recursive: true })
})

function systemError(syscall: string): Error {
  return Object.assign(new Error(`EIO: i/o error, ${syscall}`), { code: 'EIO', syscall })
}

/** A file that waits for its name. Resolves to the error that its commit ended with. */
function commitFile(name: string, change: Partial<Commit> = {}): { fd: number; done: Promise<unknown> } {
  const staged = join(folder, `${name}.staged`)
  const fd = fs.openSync(staged, 'w')
  const done = new Promise((resolve) => {
    commits.add({
      fd,
      folder,
      openFolder: () => fs.openSync(folder, 'r'),
      publish: () => fs.renameSync(staged, join(folder, name)),
      done: resolve,
      ...change,
    })
  })
  return { fd, done }
}

test('a file whose close fails is not published, and the files after it are', async () => {
  const first = commitFile('first')
  failing.add(first.fd)
  const second = commitFile('second')
  expect(await first.done).toMatchObject({ code: 'EIO', syscall: 'close' })
  expect(await second.done).toBeUndefined()
  failing.clear()
  expect(await commitFile('third').done).toBeUndefined()
  await commits.idle()
  expect(commits.size).toBe(0)
  expect(fs.readdirSync(folder).sort()).toEqual(['first.staged', 'second', 'third'])
})

test('a file whose name cannot be given fails alone', async () => {
  const taken = systemError('rename')
  const first = commitFile('first', {
    publish: () => {
      throw taken
    },
  })
  const second = commitFile('second')
  expect(await first.done).toBe(taken)
  expect(await second.done).toBeUndefined()
})

test('if the folder cannot be synced, the commit says that the file is visible all the same', async () => {
  fs.fsync = ((fd: number, done: (error: Error | null) => void) =>
    fs.fstatSync(fd).isDirectory() ? done(systemError('fsync')) : real.fsync(fd, done)) as typeof fs.fsync
  syncBuiltinESMExports()
  const error = await commitFile('file').done
  expect(error).toBeInstanceOf(FolderSyncError)
  expect((error as Error).cause).toMatchObject({ code: 'EIO' })
  expect(fs.existsSync(join(folder, 'file'))).toBe(true)
})

test('if the folder cannot be opened for lack of descriptors, the commit says the same', async () => {
  const error = await commitFile('file', {
    openFolder: () => {
      throw Object.assign(new Error('EMFILE'), { code: 'EMFILE', syscall: 'open' })
    },
  }).done
  expect(error).toBeInstanceOf(FolderSyncError)
})

test('commits are told in the order they were added, whatever comes of them', async () => {
  const told: string[] = []
  const add = (name: string, change: Partial<Commit> = {}) =>
    commitFile(name, { done: () => void told.push(name), ...change })
  add('one')
  failing.add(add('two').fd)
  add('three')
  await commits.idle()
  expect(told).toEqual(['one', 'two', 'three'])
})

test.runIf(fs.existsSync('/dev/shm'))(
  'where a disk syncs at once, no other thread is asked to do it',
  async () => {
    fs.rmSync(folder, { recursive: true })
    folder = fs.mkdtempSync('/dev/shm/jftp-commit-')
    let asked = 0
    fs.fsync = ((...args: Parameters<typeof fs.fsync>) => {
      asked++
      real.fsync(...args)
    }) as typeof fs.fsync
    syncBuiltinESMExports()
    for (let round = 0; round < 3; round++) {
      const files = Array.from({ length: 20 }, (_, index) => commitFile(`${round}-${index}`))
      for (const { done } of files) expect(await done).toBeUndefined()
    }
    expect(asked).toBe(0)
  },
)

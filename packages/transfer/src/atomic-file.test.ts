import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// By package name: the thread's own file must be the built one.
import { AtomicFile, GroupCommit, type PublishOutcome, TransferThread } from '@jftp/transfer'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'

const thread = new TransferThread()
const { fchmodSync, fsync } = fs
const real = { fchmodSync, fsync }
let folder = ''
let commits: GroupCommit
let staged = 0

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'jftp-atomic-'))
  commits = new GroupCommit()
})
afterEach(() => {
  Object.assign(fs, real)
  syncBuiltinESMExports()
  fs.rmSync(folder, { recursive: true })
})
afterAll(() => thread.close())

type Options = Partial<ConstructorParameters<typeof AtomicFile>[0]>

function begin(options: Options = {}): AtomicFile {
  return new AtomicFile({
    target: { path: join(folder, 'file'), folderKey: folder, openFolder: () => fs.openSync(folder, 'r') },
    onExists: 'overwrite',
    commits,
    digest: 'md5',
    staging: {
      create: (mode) => {
        const path = join(folder, `.staged-${staged++}`)
        return { fd: fs.openSync(path, 'wx', mode), path }
      },
    },
    ...options,
  })
}

async function fill(file: AtomicFile, content: string) {
  await file.write([Buffer.from(content)])
  return file.finish()
}

const publish = (file: AtomicFile) => new Promise<PublishOutcome>((resolve) => file.commit(resolve))

async function store(content: string, options: Options = {}): Promise<PublishOutcome> {
  const file = begin(options)
  await fill(file, content)
  return publish(file)
}

/** Name and content of all that is in the folder. */
const found = () =>
  Object.fromEntries(
    fs
      .readdirSync(folder)
      .sort()
      .map((name) => [name, fs.readFileSync(join(folder, name), 'utf8')]),
  )

const permissions = (name: string) => fs.statSync(join(folder, name)).mode & 0o777

describe.each([
  ['written in this thread', {}],
  ['written in a thread of its own', { thread }],
])('%s', (_where, options) => {
  test('a file is hidden until it is committed, and digested', async () => {
    const file = begin(options)
    const hex = createHash('md5').update('content').digest('hex')
    expect(await fill(file, 'content')).toEqual({ size: 7, digest: { alg: 'md5', hex } })
    expect(Object.keys(found())).toEqual([expect.stringMatching(/^\.staged/)])
    expect(await publish(file)).toEqual({ type: 'stored', suffix: '' })
    expect(found()).toEqual({ file: 'content' })
  })

  test('a file that is discarded leaves what was there, and no descriptor', async () => {
    await store('old', options)
    const before = fs.readdirSync('/proc/self/fd').length
    const file = begin(options)
    await fill(file, 'new')
    file.discard()
    await expect.poll(() => fs.readdirSync('/proc/self/fd').length).toBe(before)
    expect(found()).toEqual({ file: 'old' })
  })

  test('a file that is discarded while it waits for its commit gets no name', async () => {
    const file = begin(options)
    await fill(file, 'new')
    const outcome = publish(file)
    file.discard()
    expect(await outcome).toMatchObject({ type: 'failed' })
    expect(found()).toEqual({})
  })
})

describe('where the name is taken before the file gets it', () => {
  beforeEach(() => fs.writeFileSync(join(folder, 'file'), 'old'))

  test('overwrite replaces it', async () => {
    expect(await store('new')).toEqual({ type: 'stored', suffix: '' })
    expect(found()).toEqual({ file: 'new' })
  })

  test('skip and fail leave it', async () => {
    expect(await store('new', { onExists: 'skip' })).toEqual({ type: 'skipped' })
    expect(await store('new', { onExists: 'fail' })).toEqual({ type: 'taken' })
    expect(found()).toEqual({ file: 'old' })
  })

  test('rename takes the first free number, and replaces nothing', async () => {
    const onExists = 'rename'
    expect(await store('a', { onExists })).toEqual({ type: 'stored', suffix: '.new' })
    expect(await store('b', { onExists })).toEqual({ type: 'stored', suffix: '.new.2' })
    expect(await store('c', { onExists })).toEqual({ type: 'stored', suffix: '.new.3' })
    fs.rmSync(join(folder, 'file.new'))
    expect(await store('d', { onExists })).toEqual({ type: 'stored', suffix: '.new' })
    expect(found()).toEqual({ file: 'old', 'file.new': 'd', 'file.new.2': 'b', 'file.new.3': 'c' })
  })
})

test.each(['overwrite', 'skip', 'rename', 'fail'] as const)('%s takes a free name', async (onExists) => {
  expect(await store('new', { onExists })).toEqual({ type: 'stored', suffix: '' })
  expect(found()).toEqual({ file: 'new' })
})

test('permission bits: those asked for, else those of the file replaced, else createMode under the umask', async () => {
  await store('x', { createMode: 0o640 })
  expect(permissions('file')).toBe(0o640 & ~process.umask())
  fs.chmodSync(join(folder, 'file'), 0o604)
  await store('x', { createMode: 0o640, replaced: fs.statSync(join(folder, 'file')) })
  expect(permissions('file')).toBe(0o604)
  await store('x', { mode: 0o4755, replaced: fs.statSync(join(folder, 'file')) })
  expect(fs.statSync(join(folder, 'file')).mode & 0o7777).toBe(0o755)
})

test.each([1_600_000_000_123, 0, -1, -86_399_877])(
  'the time %d is kept to the millisecond',
  async (mtime) => {
    await store('x', { mtime })
    expect(Math.floor(fs.statSync(join(folder, 'file')).mtimeMs)).toBe(mtime)
  },
)

test('a folder that refuses files at the last moment gets none', async () => {
  const moved = new Error('moved')
  const target = {
    path: join(folder, 'file'),
    folderKey: folder,
    openFolder: () => fs.openSync(folder, 'r'),
    checkFolder: () => {
      throw moved
    },
  }
  expect(await store('x', { target })).toEqual({ type: 'failed', error: moved })
  expect(found()).toEqual({})
})

test('if the folder can’t be synced, the outcome says which name the file has', async () => {
  const failed = Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'fsync' })
  fs.fsync = ((fd: number, done: (error: Error | null) => void) =>
    fs.fstatSync(fd).isDirectory() ? done(failed) : real.fsync(fd, done)) as typeof fs.fsync
  syncBuiltinESMExports()
  fs.writeFileSync(join(folder, 'file'), 'old')
  expect(await store('new', { onExists: 'rename' })).toEqual({
    type: 'not-durable',
    suffix: '.new',
    cause: failed,
  })
  expect(found()).toEqual({ file: 'old', 'file.new': 'new' })
})

test('a file whose permission bits can’t be set is not begun, and leaves nothing behind', () => {
  fs.fchmodSync = () => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM', syscall: 'fchmod' })
  }
  syncBuiltinESMExports()
  const before = fs.readdirSync('/proc/self/fd').length
  expect(() => begin({ mode: 0o600 })).toThrow('EPERM')
  expect(found()).toEqual({})
  expect(fs.readdirSync('/proc/self/fd').length).toBe(before)
})

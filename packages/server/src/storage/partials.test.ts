import { mkdirSync, readdirSync, renameSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { codeOf, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { OWN_ID } from './daemon-id.js'
import { sweepPartials } from './partial-folder.js'
import { removeStaging, sweepStaging } from './staging-sweep.js'
import type { Upload, UploadOptions } from './storage.js'

const DAY = 24 * 3_600_000
const MIB = 1024 * 1024

/** A process id that no process has. */
const NOBODY = 2 ** 22 + 1

let folder: ReturnType<typeof tempFolder>
let storage: TestDisk

beforeEach(() => {
  folder = tempFolder()
  storage = new TestDisk(folder.path)
})
afterEach(() => {
  storage.close()
  folder[Symbol.dispose]()
})

const partials = () => join(folder.path, '.jftp/partials')

async function open(path: string, options: Partial<UploadOptions> = {}): Promise<Upload> {
  const source = { size: 100, sourceTime: 5 }
  const upload = await storage.openUpload(path, {
    digest: 'md5',
    onExists: 'overwrite',
    ...source,
    ...options,
  })
  if (upload === 'skipped') throw new Error('nothing is to be skipped')
  return upload
}

const resume = (path: string, options: Partial<UploadOptions> = {}) =>
  open(path, { resume: true, ...options })

async function cut(path: string, options: Partial<UploadOptions> = {}): Promise<void> {
  const upload = await open(path, options)
  await upload.write([Buffer.from('half')])
  await upload.keep()
}

async function keptSize(path: string, options: Partial<UploadOptions> = {}): Promise<number> {
  const upload = await resume(path, options)
  const { size = 0 } = upload.start ?? {}
  await (size === 0 ? upload.discard() : upload.keep())
  return size
}

test('a partial survives the end of its daemon, and the sweep at the next start', async () => {
  await cut('/file')
  storage.close()
  await removeStaging(folder.path)
  await sweepStaging(folder.path)
  sweepPartials(folder.path, 7 * DAY)
  storage = new TestDisk(folder.path)
  expect(await keptSize('/file')).toBe(4)
})

test('the sweep removes what is too old, and nothing else', async () => {
  await cut('/old')
  const [name = ''] = readdirSync(partials())
  await cut('/new')
  const then = (Date.now() - 7.1 * DAY) / 1000
  utimesSync(join(partials(), name), then, then)
  sweepPartials(folder.path, 7 * DAY)
  expect(await keptSize('/old')).toBe(0)
  expect(await keptSize('/new')).toBe(4)
  sweepPartials(folder.path, 0)
  expect(readdirSync(join(folder.path, '.jftp'))).not.toContain('partials')
})

test('the sweep leaves one alone that is being continued, and is content if there are none', async () => {
  sweepPartials(folder.path, 0)
  await cut('/file', { size: 9 })
  const upload = await resume('/file', { size: 9 })
  sweepPartials(folder.path, 0)
  await upload.write([Buffer.from(' done')])
  await upload.finish()
  await new Promise((resolve) => upload.commit(resolve))
  expect(storage.stat('/file').size).toBe(9)
})

test('what was kept readable by nobody else stays so', async () => {
  await cut('/secret', { createMode: 0o600 })
  const [name = ''] = readdirSync(partials())
  expect(statSync(join(partials(), name)).mode & 0o777).toBe(0o600)
})

test('no descriptor is left of uploads that are kept and continued', async () => {
  await cut('/file')
  const before = readdirSync('/proc/self/fd').length
  for (let n = 0; n < 20; n++) {
    await cut(`/file-${n}`)
    await (await resume(`/file-${n}`)).discard()
    await keptSize('/file')
  }
  expect(readdirSync('/proc/self/fd').length).toBe(before)
})

test('a partial is kept if what continues it is refused, and no descriptor is left', async () => {
  await store(storage, '/file', 'taken')
  await cut('/file')
  const before = readdirSync('/proc/self/fd').length
  for (let n = 0; n < 5; n++) {
    expect(await codeOf(() => resume('/file', { onExists: 'fail' }))).toBe('exists')
    const options = { digest: 'md5', onExists: 'skip', size: 100, sourceTime: 5, resume: true } as const
    expect(await storage.openUpload('/file', options)).toBe('skipped')
    expect(await codeOf(() => resume('/file', { size: 2 ** 52 }))).toBe('no-space')
  }
  expect(readdirSync('/proc/self/fd').length).toBe(before)
  expect(await keptSize('/file')).toBe(4)
})

test('only the latest partial of a path is kept', async () => {
  await cut('/file', { sourceTime: 1 })
  await cut('/file', { sourceTime: 2 })
  expect(readdirSync(partials())).toHaveLength(1)
  expect(await keptSize('/file', { sourceTime: 1 })).toBe(0)
})

test('an upload that is still under way is not continued: busy', async () => {
  const upload = await open('/file')
  await upload.write([Buffer.from('half')])
  const sending = setInterval(() => void upload.write([Buffer.from('more')]), 100)
  expect(await codeOf(() => resume('/file'))).toBe('busy')
  clearInterval(sending)
  await upload.discard()
})

test('an upload whose client is silent is continued by another, and can’t go on itself', async () => {
  const upload = await open('/file')
  await upload.write([Buffer.from('half')])
  const next = await resume('/file')
  expect(next.start?.size).toBe(4)
  expect(await codeOf(() => upload.write([Buffer.from('late')]))).toBe('cancelled')
  expect(await codeOf(() => upload.finish())).toBe('cancelled')
  await upload.keep()
  await upload.discard()
  await next.write([Buffer.alloc(96, 'x')])
  await next.finish()
  await new Promise((resolve) => next.commit(resolve))
  expect(storage.stat('/file').size).toBe(100)
})

test('who resumes before the server has noticed the cut waits for it', async () => {
  const upload = await open('/file')
  await upload.write([Buffer.from('half')])
  const next = resume('/file')
  await upload.keep()
  const resumed = await next
  expect(resumed.start?.size).toBe(4)
  await resumed.discard()
})

/** Writes so much that some of it is synced and named, and leaves it as a killed daemon would. */
async function killed(path: string, size: number): Promise<void> {
  const upload = await open(path, { size: 10 * size })
  await upload.write([Buffer.alloc(size, 'x')])
  const own = join(folder.path, '.jftp', `staging-${OWN_ID}`)
  while (!readdirSync(own).some((name) => name.endsWith(`.${size}`))) await new Promise(setImmediate)
  // More came, of which nobody knows whether it has reached the disk.
  await upload.write([Buffer.alloc(1000, 'y')])
  const other = join(folder.path, '.jftp', `staging-${NOBODY}`)
  mkdirSync(other, { recursive: true })
  for (const name of readdirSync(own)) renameSync(join(own, name), join(other, name))
}

test('what was synced of an upload whose daemon was killed is found by the next one', async () => {
  await killed('/file', 8 * MIB)
  await sweepStaging(folder.path)
  expect(await keptSize('/file', { size: 80 * MIB })).toBe(8 * MIB)
  expect(readdirSync(join(folder.path, '.jftp'))).not.toContain(`staging-${NOBODY}`)
})

test('another daemon of the same root goes on with it without a start', async () => {
  await killed('/file', 8 * MIB)
  expect(await keptSize('/file', { size: 80 * MIB })).toBe(8 * MIB)
})

test('what is too small to be worth it is not kept', async () => {
  storage.close()
  storage = new TestDisk(folder.path, undefined, { minPartialSize: 5 })
  await cut('/file')
  expect(await keptSize('/file')).toBe(0)
})

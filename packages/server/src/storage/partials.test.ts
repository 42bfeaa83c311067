import { readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { begin, codeOf, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { sweepPartials } from './partials.js'
import { removeStaging, sweepStaging } from './staging.js'

const DAY = 24 * 3_600_000

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

async function cut(path: string): Promise<void> {
  const upload = begin(storage, path)
  await upload.write([Buffer.from('half')])
  await upload.keep()
}

test('a partial survives the end of its daemon, and the sweep at the next start', async () => {
  await cut('/file')
  storage.close()
  removeStaging(folder.path)
  sweepStaging(folder.path)
  sweepPartials(folder.path)
  expect(await new TestDisk(folder.path).partial('/file', 'none')).toMatchObject({ size: 4 })
})

test('the sweep removes what is over 7 days old, and nothing else', async () => {
  await cut('/old')
  const [name = ''] = readdirSync(partials())
  await cut('/new')
  const then = (Date.now() - 7.1 * DAY) / 1000
  utimesSync(join(partials(), name), then, then)
  sweepPartials(folder.path)
  expect(await storage.partial('/old', 'none')).toBeUndefined()
  expect(await storage.partial('/new', 'none')).toMatchObject({ size: 4 })
})

test('the sweep leaves one alone that is being continued, and is content where there are none', async () => {
  sweepPartials(folder.path)
  await cut('/file')
  const upload = await storage.openUpload('/file', { digest: 'md5', onExists: 'overwrite', offset: 4 })
  if (upload === 'skipped') throw new Error('nothing is to be skipped')
  sweepPartials(folder.path, Date.now() + 30 * DAY)
  await upload.write([Buffer.from(' done')])
  await upload.finish()
  await new Promise((resolve) => upload.commit(resolve))
  expect(storage.stat('/file').size).toBe(9)
})

test('what was kept readable by nobody else stays so', async () => {
  const upload = begin(storage, '/secret', { createMode: 0o600 })
  await upload.write([Buffer.from('half')])
  await upload.keep()
  const [name = ''] = readdirSync(partials())
  expect(statSync(join(partials(), name)).mode & 0o777).toBe(0o600)
})

test('no descriptor is left of uploads that are kept and continued', async () => {
  await cut('/file')
  const before = readdirSync('/proc/self/fd').length
  for (let n = 0; n < 20; n++) {
    await cut(`/file-${n}`)
    const options = { digest: 'md5', onExists: 'overwrite' } as const
    const upload = await storage.openUpload(`/file-${n}`, { ...options, offset: 2 })
    if (upload !== 'skipped') await upload.discard()
    expect(await codeOf(() => storage.openUpload(`/file-${n}`, { ...options, offset: 2 }))).toBe('changed')
    await storage.partial('/file', 'md5')
  }
  expect(readdirSync('/proc/self/fd').length).toBe(before)
})

test('a partial is kept if what continues it is refused, and no descriptor is left', async () => {
  await store(storage, '/file', 'taken')
  await cut('/file')
  const before = readdirSync('/proc/self/fd').length
  const options = { digest: 'md5', offset: 4 } as const
  for (let n = 0; n < 5; n++) {
    expect(await codeOf(() => storage.openUpload('/file', { ...options, onExists: 'fail' }))).toBe('exists')
    expect(await storage.openUpload('/file', { ...options, onExists: 'skip' })).toBe('skipped')
    const tooLarge = { ...options, size: 2 ** 52, onExists: 'overwrite' } as const
    expect(await codeOf(() => storage.openUpload('/file', tooLarge))).toBe('no-space')
  }
  expect(readdirSync('/proc/self/fd').length).toBe(before)
  expect(await storage.partial('/file', 'none')).toMatchObject({ size: 4 })
})

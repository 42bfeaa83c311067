import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path/posix'
import { ProtocolError } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openShared } from '../src/open-shared.js'
import { DiskRoot } from '../src/storage/disk-root.js'
import { KeptDigests } from '../src/storage/kept-digests.js'
import type { DownloadStart, Storage, UploadOptions } from '../src/storage/storage.js'
import { PERMISSIONS, type PermissionRule, Permissions } from '../src/visitors/permissions.js'
import { codeOf, load, names, store, TestDisk } from './disk-transfer.js'
import { MemoryStorage, noFiles } from './memory-storage.js'
import { tempFolder } from './temp-folder.js'

/** A place for files that several visitors may have storages over. */
interface Place {
  /** The storage of somebody who may do what `rules` say. */
  open(rules: readonly PermissionRule[], user?: string): Storage
  /** All that is there now, for somebody who may only read it. */
  read(): Storage
  close(): void
}

const READING: readonly PermissionRule[] = [{ path: '/', allows: ['list', 'read'] }]

const onDisk = (digests: 'computed' | 'kept'): Place => {
  const folder = tempFolder()
  const disks: TestDisk[] = []
  return {
    open(rules, user = 'ann') {
      const kept = digests === 'kept' ? new KeptDigests(folder.path, fail) : undefined
      const disk = new TestDisk(folder.path, new Permissions(user, rules), { digests: kept })
      disks.push(disk)
      return disk
    },
    read() {
      return this.open(READING)
    },
    close() {
      for (const disk of disks) disk.close()
      folder[Symbol.dispose]()
    },
  }
}

const fail = (reason: string) => {
  throw new Error(reason)
}

const inMemory = (): Place => {
  const stored = noFiles()
  const open: Place['open'] = (rules, user = 'ann') => new MemoryStorage(new Permissions(user, rules), stored)
  return { open, read: () => open(READING), close() {} }
}

/** The files are on a disk, and what is at the top of them is shared name by name. */
const shared = (): Place => {
  const folder = tempFolder()
  const root = new DiskRoot(folder.path)
  const disk = new TestDisk(folder.path)
  return {
    open: () => disk,
    read() {
      const shown = readdirSync(folder.path).filter((name) => name !== '.jftp')
      return openShared(
        shown.map((name) => ({ folder: folder.path, name })),
        'share',
        () => root,
      )
    },
    close() {
      disk.close()
      root.close()
      folder[Symbol.dispose]()
    },
  }
}

/** Nobody else works, and nobody cancels. */
const goOn = async () => {}

/** The totals of a folder and of those in it, without what they take on a disk. */
async function countBy(storage: Storage, path: string, depth?: number, pause: () => Promise<void> = goOn) {
  const report = await storage.usage(path, { depth, pause, onUnreadable() {} })
  try {
    const told: unknown[][] = []
    for await (const page of report.pages) {
      for (const each of page)
        told.push(each.type === 'total' ? [each.path, each.size, each.names] : [each.path])
    }
    return told
  } finally {
    await report.close()
  }
}

/** What any storage has to do, whatever it is made of. Another implementation joins with one line here. */
describe.each([
  ['on disk', () => onDisk('computed')],
  ['on disk that keeps digests', () => onDisk('kept')],
  ['in memory', inMemory],
])('a storage %s', (_where, createPlace) => {
  let place: Place
  let storage: Storage
  const everything = [{ path: '/', allows: PERMISSIONS }]

  beforeEach(() => {
    place = createPlace()
    storage = place.open(everything)
  })
  afterEach(() => place.close())

  const codes = async (acts: (() => unknown)[]) => Promise.all(acts.map(codeOf))

  describe('a file', () => {
    test.each([0, 1, 1000, 1_500_000])('of %d bytes comes back as it was, with its digest', async (size) => {
      const content = 'x'.repeat(size)
      expect(await store(storage, '/file', content)).toEqual({ type: 'stored', path: '/file' })
      expect(await load(storage, '/file')).toBe(content)
      const hex = createHash('sha256').update(content).digest('hex')
      expect(await storage.digest('/file', 'sha256', goOn)).toEqual({ alg: 'sha256', hex })
    })

    test('is not there before its commit, and never if it is discarded', async () => {
      const upload = await storage.openUpload('/file', { digest: 'md5', onExists: 'overwrite' })
      if (upload === 'skipped') throw new Error('the name is free')
      await upload.write([Buffer.from('half')])
      expect(await names(storage, '/')).toEqual([])
      await upload.discard()
      expect(await names(storage, '/')).toEqual([])
    })

    test('keeps the time it was stored with, if the storage can', async () => {
      await store(storage, '/file', 'content', { mtime: 1_000_000_000_123 })
      const { mtime } = await storage.stat('/file')
      if (storage.capabilities.modificationTimes) expect(mtime).toBe(1_000_000_000_123)
    })

    test('has permission bits exactly if the storage can', async () => {
      await store(storage, '/file', 'content', { mode: 0o640 })
      const { mode } = await storage.stat('/file')
      expect(mode).toBe(storage.capabilities.permissionBits ? 0o640 : undefined)
    })

    test('is read from an offset on; the digest is of what was read', async () => {
      await store(storage, '/file', 'one two')
      expect(await load(storage, '/file', 4)).toBe('two')
      expect(await load(storage, '/file', 7)).toBe('')
      expect(await codeOf(() => load(storage, '/file', 8))).toBe('bad-request')
      const download = await storage.openDownload('/file', { digest: 'md5', offset: 4 })
      const memory = Buffer.alloc(100)
      expect(download.left).toBe(3)
      expect(memory.subarray(0, await download.read(memory)).toString()).toBe('two')
      const hex = createHash('md5').update('two').digest('hex')
      expect(await download.finish()).toEqual({ size: 3, digest: { alg: 'md5', hex } })
      await download.close()
    })

    test('is read in segments, each with a digest of its own', async () => {
      await store(storage, '/file', 'one two three')
      const download = await storage.openDownload('/file', { digest: 'md5', offset: 4, length: 3 })
      const memory = Buffer.alloc(100)
      expect(download.left).toBe(3)
      expect(memory.subarray(0, await download.read(memory)).toString()).toBe('two')
      expect(await download.read(memory)).toBe(0)
      const hex = createHash('md5').update('two').digest('hex')
      expect(await download.finish()).toEqual({ size: 3, digest: { alg: 'md5', hex } })
      await download.close()
    })

    test('is read behind what the client has, if that is how it begins', async () => {
      await store(storage, '/file', 'one two', { mtime: 5000 })
      const digest = { alg: 'md5', hex: createHash('md5').update('one ').digest('hex') } as const
      const open = (resume: DownloadStart) => storage.openDownload('/file', { digest: 'md5', resume })
      const download = await open({ offset: 4, digest, size: 7, mtime: 5000 })
      const memory = Buffer.alloc(100)
      expect(download.offset).toBe(4)
      expect(memory.subarray(0, await download.read(memory)).toString()).toBe('two')
      const hex = createHash('md5').update('one two').digest('hex')
      expect(await download.finish()).toEqual({ size: 7, digest: { alg: 'md5', hex } })
      await download.close()
      for (const other of [
        { offset: 3, digest },
        { offset: 8, digest },
        { offset: 4, digest, size: 8 },
        { offset: 4, digest, mtime: 5001 },
      ]) {
        const whole = await open(other)
        expect(whole.offset).toBe(0)
        await whole.close()
      }
    })

    test('is copied, by the same rules for a taken name', async () => {
      await store(storage, '/file', 'content')
      expect(await storage.copy('/file', '/copy', { onExists: 'fail', pause: goOn })).toEqual({
        type: 'stored',
        path: '/copy',
        size: 7,
      })
      expect(await load(storage, '/copy')).toBe('content')
      expect(await codeOf(() => storage.copy('/file', '/copy', { onExists: 'fail', pause: goOn }))).toBe(
        'exists',
      )
      expect(await storage.copy('/file', '/copy', { onExists: 'skip', pause: goOn })).toEqual({
        type: 'skipped',
      })
      expect(await storage.copy('/file', '/copy', { onExists: 'rename', pause: goOn })).toMatchObject({
        type: 'stored',
        path: '/copy.new',
      })
      expect(await codeOf(() => storage.copy('/none', '/copy', { onExists: 'overwrite', pause: goOn }))).toBe(
        'not-found',
      )
      expect(await names(storage, '/')).toEqual(['copy', 'copy.new', 'file'])
    })
  })

  describe('work that is cancelled', () => {
    const refusal = new ProtocolError('cancelled', 'cancelled by the client')

    /** Lets the first `steps` pieces of the work be done. */
    const stopAfter = (steps: number) => {
      let done = 0
      return async () => {
        if (done++ >= steps) throw refusal
      }
    }

    test('stops in the middle of a digest, of a copy and of a count', async () => {
      // Unverified, so that nobody knows its digest without reading it.
      await store(storage, '/file', 'x'.repeat(3_000_000), { digest: 'none' })
      const options = () => ({ onExists: 'overwrite', pause: stopAfter(2) }) as const
      await expect(storage.digest('/file', 'md5', stopAfter(2))).rejects.toBe(refusal)
      await expect(storage.copy('/file', '/copy', options())).rejects.toBe(refusal)
      await storage.makeFolder('/a/b/c', 'make-parents')
      await expect(count('/', undefined, stopAfter(2))).rejects.toBe(refusal)
      expect(await names(storage, '/')).toEqual(['a', 'file'])
    })
  })

  const count = (path: string, depth?: number, pause: () => Promise<void> = goOn, by = storage) =>
    countBy(by, path, depth, pause)

  test('a folder is counted with all that is in it, and what is in it first', async () => {
    await storage.makeFolder('/a/b/c', 'make-parents')
    await store(storage, '/a/one', 'x')
    await store(storage, '/a/b/two', 'xx')
    await store(storage, '/a/b/c/three', 'xxx')
    const [c, b, a] = [
      ['/a/b/c', 3, 2],
      ['/a/b', 5, 4],
      ['/a', 6, 6],
    ]
    expect(await count('/a')).toEqual([c, b, a])
    expect(await count('/a', 1)).toEqual([b, a])
    expect(await count('/a', 0)).toEqual([a])
    expect(await count('/')).toEqual([c, b, a, ['/', 6, 7]])
    expect(await count('/a/one')).toEqual([['/a/one', 1, 1]])
    expect(await codeOf(() => count('/none'))).toBe('not-found')
  })

  test('the room that is left is known', async () => {
    const { total, free, available } = await storage.space('/')
    expect(total).toBeGreaterThan(0)
    expect(free).toBeLessThanOrEqual(total)
    expect(available).toBeLessThanOrEqual(free)
    expect(await codeOf(() => storage.space('/none'))).toBe('not-found')
  })

  test('a file that is touched is made, or gets its time', async () => {
    expect(await codeOf(() => storage.touch('/file', { create: false }))).toBe('not-found')
    await storage.touch('/file', { create: true, mtime: 1_000_000_000_123 })
    expect(await storage.stat('/file')).toMatchObject({ size: 0, mtime: 1_000_000_000_123 })
    await store(storage, '/file', 'content')
    await storage.touch('/file', { create: true, mtime: -1000 })
    expect(await storage.stat('/file')).toMatchObject({ size: 7, mtime: -1000 })
    expect(await load(storage, '/file')).toBe('content')
    await storage.makeFolder('/folder', 'one')
    await storage.touch('/folder', { create: false, mtime: 5000 })
    expect(await storage.stat('/folder')).toMatchObject({ mtime: 5000 })
    expect(await codeOf(() => storage.touch('/none/file', { create: true }))).toBe('not-found')
  })

  test('permission bits are set if the storage has them', async () => {
    await store(storage, '/file', 'content')
    await storage.makeFolder('/folder', 'one')
    if (!storage.capabilities.permissionBits) {
      expect(await codeOf(() => storage.changeMode('/file', 0o640))).toBe('unsupported')
      return
    }
    await storage.changeMode('/file', 0o640)
    await storage.changeMode('/folder', 0o750)
    expect((await storage.stat('/file')).mode).toBe(0o640)
    expect((await storage.stat('/folder')).mode).toBe(0o750)
    expect(await codeOf(() => storage.changeMode('/none', 0o640))).toBe('not-found')
  })

  describe('an upload that is cut', () => {
    const hex = (text: string) => createHash('md5').update(text).digest('hex')

    const source = { size: 9, sourceTime: 5 }

    async function cut(text: string): Promise<void> {
      const upload = await begin(storage, '/file', {})
      await upload.write([Buffer.from(text)])
      await upload.keep()
    }

    async function begin(by: Storage, path: string, options: Partial<UploadOptions> = { resume: true }) {
      const upload = await by.openUpload(path, {
        digest: 'md5',
        onExists: 'overwrite',
        ...source,
        ...options,
      })
      if (upload === 'skipped') throw new Error('nothing is to be skipped')
      return upload
    }

    test('is kept, unseen, and continued; the digest is of the whole file', async () => {
      await cut('one ')
      expect(await names(storage, '/')).toEqual([])
      const upload = await begin(storage, '/file')
      expect(upload.start).toMatchObject({ size: 4, digest: { alg: 'md5', hex: hex('one ') } })
      await upload.write([Buffer.from('three')])
      const whole = { size: 9, digest: { alg: 'md5', hex: hex('one three') } }
      expect(await upload.finish()).toEqual(whole)
      expect(await new Promise((resolve) => upload.commit(resolve))).toMatchObject({ type: 'stored' })
      expect(await load(storage, '/file')).toBe('one three')
    })

    test('is continued once, and may be cut again', async () => {
      await cut('one')
      const upload = await begin(storage, '/file')
      await upload.write([Buffer.from(' two')])
      await upload.keep()
      const next = await begin(storage, '/file')
      expect(next.start).toMatchObject({ size: 7 })
      await next.discard()
      expect((await begin(storage, '/file')).start).toBeUndefined()
    })

    test('belongs to its user, its path and the version of its source', async () => {
      await cut('one')
      expect((await begin(storage, '/other')).start).toBeUndefined()
      expect((await begin(place.open(everything, 'bob'), '/file')).start).toBeUndefined()
      expect((await begin(storage, '/file', { resume: true, size: 8 })).start).toBeUndefined()
    })

    test('is forgotten if the next upload begins anew', async () => {
      await cut('one')
      await (await begin(storage, '/file', {})).discard()
      expect((await begin(storage, '/file')).start).toBeUndefined()
    })
  })

  describe('a taken name', () => {
    beforeEach(() => store(storage, '/file', 'old'))

    test('is replaced by overwrite', async () => {
      expect(await store(storage, '/file', 'new')).toEqual({ type: 'stored', path: '/file' })
      expect(await load(storage, '/file')).toBe('new')
    })

    test('is kept by skip and by fail', async () => {
      expect(await store(storage, '/file', 'new', { onExists: 'skip' })).toEqual({ type: 'skipped' })
      expect(await codeOf(() => store(storage, '/file', 'new', { onExists: 'fail' }))).toBe('exists')
      expect(await load(storage, '/file')).toBe('old')
    })

    test('is kept by rename, which numbers what it stores', async () => {
      for (const path of ['/file.new', '/file.new.2', '/file.new.3'])
        expect(await store(storage, '/file', path, { onExists: 'rename' })).toEqual({
          type: 'stored',
          path,
        })
      expect(await load(storage, '/file')).toBe('old')
      expect(await load(storage, '/file.new.2')).toBe('/file.new.2')
    })
  })

  test('a folder is made, listed, left and removed', async () => {
    await storage.makeFolder('/a', 'one')
    await storage.makeFolder('/a/b/c', 'make-parents')
    await storage.makeFolder('/a/b/c', 'make-parents')
    await store(storage, '/a/file', 'content')
    expect(await names(storage, '/')).toEqual(['a'])
    expect(await names(storage, '/a')).toEqual(['b', 'file'])
    expect(await names(storage, '/a/file')).toEqual(['file'])
    expect((await storage.stat('/a')).type).toBe('directory')
    expect(await codes([() => storage.removeFolder('/a'), () => storage.makeFolder('/a', 'one')])).toEqual([
      'not-empty',
      'exists',
    ])
    await storage.removeFile('/a/file')
    await storage.removeFolder('/a/b/c')
    await storage.removeFolder('/a/b')
    await storage.removeFolder('/a')
    expect(await names(storage, '/')).toEqual([])
  })

  test('only the version of a file that is meant is removed', async () => {
    await store(storage, '/file', 'content', { mtime: 5000 })
    const { size, mtime } = await storage.stat('/file')
    const others = [{ size: 8 }, { mtime: mtime + 1 }, { size, mtime: mtime - 1 }, { size: 0, mtime }]
    for (const other of others) expect(await codeOf(() => storage.removeFile('/file', other))).toBe('changed')
    expect(await load(storage, '/file')).toBe('content')
    await storage.makeFolder('/folder', 'one')
    expect(await codeOf(() => storage.removeFile('/folder', { size }))).toBe('is-a-directory')
    expect(await codeOf(() => storage.removeFile('/none', { size }))).toBe('not-found')
    await storage.removeFile('/file', { size, mtime })
    expect(await names(storage, '/')).toEqual(['folder'])
  })

  test('a file and a folder are renamed; a taken name is kept unless it may be replaced', async () => {
    await store(storage, '/file', 'content')
    await storage.makeFolder('/folder', 'one')
    await store(storage, '/folder/inside', 'inside')
    await storage.rename('/folder', '/moved', 'fail')
    await storage.rename('/file', '/moved/file', 'fail')
    expect(await names(storage, '/moved')).toEqual(['file', 'inside'])
    expect(await codeOf(() => storage.rename('/moved/file', '/moved/inside', 'fail'))).toBe('exists')
    await storage.rename('/moved/file', '/moved/inside', 'overwrite')
    expect(await load(storage, '/moved/inside')).toBe('content')
  })

  test('what can’t be done says why', async () => {
    await store(storage, '/file', 'content')
    await storage.makeFolder('/folder', 'one')
    const upload = { digest: 'md5', onExists: 'overwrite' } as const
    const expected: [string, () => unknown][] = [
      ['not-found', () => storage.stat('/none')],
      ['not-found', () => storage.list('/none')],
      ['not-found', () => storage.checkFolder('/none')],
      ['not-found', () => storage.openDownload('/none', { digest: 'md5' })],
      ['not-found', () => storage.openUpload('/none/file', upload)],
      ['not-found', () => storage.removeFile('/none')],
      ['not-found', () => storage.removeFolder('/none')],
      ['not-found', () => storage.rename('/none', '/other', 'fail')],
      ['not-found', () => storage.makeFolder('/none/folder', 'one')],
      ['not-a-directory', () => storage.checkFolder('/file')],
      ['not-a-directory', () => storage.stat('/file/below')],
      ['not-a-directory', () => storage.openUpload('/file/below', upload)],
      ['not-a-directory', () => storage.removeFolder('/file')],
      ['not-a-directory', () => storage.makeFolder('/file', 'make-parents')],
      ['is-a-directory', () => storage.openDownload('/folder', { digest: 'md5' })],
      ['is-a-directory', () => storage.openUpload('/folder', upload)],
      ['is-a-directory', () => storage.removeFile('/folder')],
      ['bad-request', () => storage.removeFolder('/')],
      ['bad-request', () => storage.rename('/', '/other', 'fail')],
    ]
    expect(await codes(expected.map(([, act]) => act))).toEqual(expected.map(([code]) => code))
  })

  describe('without the permission', () => {
    const refused = 'permission-denied'
    const upload = { digest: 'md5', onExists: 'overwrite' } as const

    beforeEach(async () => {
      await storage.makeFolder('/folder', 'one')
      await store(storage, '/folder/file', 'content')
    })

    test('to do anything, nothing is done', async () => {
      const none = place.open([])
      const acts: (() => unknown)[] = [
        () => none.stat('/folder'),
        () => none.list('/'),
        () => none.checkFolder('/folder'),
        () => none.openDownload('/folder/file', { digest: 'md5' }),
        () => none.openUpload('/new', upload),
        () => none.openUpload('/folder/file', upload),
        () => none.digest('/folder/file', 'md5', goOn),
        () => none.copy('/folder/file', '/copy', { onExists: 'fail', pause: goOn }),
        () => none.usage('/', { pause: goOn, onUnreadable() {} }),
        () => none.space('/folder'),
        () => none.changeMode('/folder/file', 0o600),
        () => none.touch('/folder/file', { create: true }),
        () => none.touch('/new', { create: true }),
        () => none.makeFolder('/new', 'one'),
        () => none.makeFolder('/new/er', 'make-parents'),
        () => none.removeFolder('/folder'),
        () => none.removeFile('/folder/file'),
        () => none.rename('/folder/file', '/moved', 'fail'),
      ]
      expect(await codes(acts)).toEqual(acts.map(() => refused))
      expect(await names(storage, '/')).toEqual(['folder'])
      expect(await load(storage, '/folder/file')).toBe('content')
    })

    test('to write, one may still read', async () => {
      const reader = place.open([{ path: '/', allows: ['list', 'read'] }])
      expect(await names(reader, '/folder')).toEqual(['file'])
      expect(await load(reader, '/folder/file')).toBe('content')
      expect(await codeOf(() => reader.openUpload('/new', upload))).toBe(refused)
      expect(await count('/folder', undefined, goOn, reader)).toEqual([['/folder', 7, 2]])
      expect(await reader.digest('/folder/file', 'md5', goOn)).toMatchObject({ alg: 'md5' })
      const acts = [
        () => reader.copy('/folder/file', '/copy', { onExists: 'overwrite', pause: goOn }),
        () => reader.touch('/folder/file', { create: true }),
        () => reader.touch('/new', { create: true }),
        () => reader.changeMode('/folder/file', 0o600),
      ]
      expect(await codes(acts)).toEqual(acts.map(() => refused))
    })

    test('to overwrite, one may still make what is new', async () => {
      const adder = place.open([{ path: '/', allows: ['list', 'read', 'write', 'delete'] }])
      expect(await store(adder, '/new', 'new')).toEqual({ type: 'stored', path: '/new' })
      expect(await codeOf(() => adder.openUpload('/new', upload))).toBe(refused)
      expect(await codeOf(() => adder.rename('/new', '/folder/file', 'overwrite'))).toBe(refused)
      expect(await codeOf(() => adder.touch('/folder/file', { create: true }))).toBe(refused)
      await adder.touch('/touched', { create: true })
      expect(
        await codeOf(() => adder.copy('/new', '/folder/file', { onExists: 'overwrite', pause: goOn })),
      ).toBe(refused)
      expect(await store(adder, '/new', 'newer', { onExists: 'rename' })).toMatchObject({ path: '/new.new' })
      expect(await load(storage, '/folder/file')).toBe('content')
    })

    test('to overwrite, a name that is taken meanwhile is kept', async () => {
      const adder = place.open([{ path: '/', allows: ['write'] }])
      const late = await adder.openUpload('/new', upload)
      if (late === 'skipped') throw new Error('the name is free')
      await late.write([Buffer.from('late')])
      await late.finish()
      await store(storage, '/new', 'first')
      const outcome = await new Promise((resolve) => late.commit(resolve))
      expect(outcome).toMatchObject({ type: 'failed', error: { code: 'exists' } })
      expect(await load(storage, '/new')).toBe('first')
    })

    test('in one folder, one may still work in another', async () => {
      const guest = place.open([
        { path: '/', allows: ['list'] },
        { path: '/inbox', allows: PERMISSIONS },
      ])
      await storage.makeFolder('/inbox', 'one')
      expect(await store(guest, '/inbox/file', 'content')).toMatchObject({ type: 'stored' })
      expect(await codeOf(() => guest.rename('/inbox/file', '/file', 'fail'))).toBe(refused)
      expect(await codeOf(() => guest.removeFile('/folder/file'))).toBe(refused)
      await guest.makeFolder('/inbox/a/b', 'make-parents')
    })

    test('below a folder, the folder is not moved away with what is in it', async () => {
      const guest = place.open([
        { path: '/', allows: PERMISSIONS },
        { path: '/folder/file', allows: ['list'] },
      ])
      expect(await codeOf(() => guest.rename('/folder', '/moved', 'fail'))).toBe(refused)
      expect(await codeOf(() => guest.removeFile('/folder/file'))).toBe(refused)
    })
  })
})

/** What any storage lets somebody see who may only read, also one that shows no more than what is shared. */
describe.each([
  ['on disk', () => onDisk('computed')],
  ['on disk that keeps digests', () => onDisk('kept')],
  ['in memory', inMemory],
  ['of what is shared', shared],
])('a reader of a storage %s', (_where, createPlace) => {
  let place: Place
  let writer: Storage
  let reader: Storage
  const content = 'one two three'
  const hex = (text: string, algorithm = 'md5') => createHash(algorithm).update(text).digest('hex')

  beforeEach(async () => {
    place = createPlace()
    writer = place.open([{ path: '/', allows: PERMISSIONS }])
    await writer.makeFolder('/folder/deep', 'make-parents')
    await store(writer, '/file', content, { mtime: 5000 })
    await store(writer, '/folder/inside', 'inside')
    await store(writer, '/folder/deep/file', 'deep')
    reader = place.read()
  })
  afterEach(() => place.close())

  const seen = async (path: string) => {
    const listing = await reader.list(path)
    try {
      const entries = []
      for await (const page of listing.pages) entries.push(...page)
      return { type: listing.type, key: listing.key, entries }
    } finally {
      await listing.close()
    }
  }

  test('is told the same of a name wherever it is named', async () => {
    expect(await reader.stat('/file')).toMatchObject({ name: 'file', type: 'file', size: 13, mtime: 5000 })
    expect(await reader.stat('/')).toMatchObject({ name: '', type: 'directory' })
    for (const folder of ['/', '/folder', '/folder/deep']) {
      await reader.checkFolder(folder)
      const { type, entries } = await seen(folder)
      expect(type).toBe('directory')
      for (const entry of entries) expect(entry).toEqual(await reader.stat(join(folder, entry.name)))
    }
    expect(await names(reader, '/')).toEqual(['file', 'folder'])
    expect(await names(reader, '/folder')).toEqual(['deep', 'inside'])
    expect(await seen('/file')).toMatchObject({ type: 'file', entries: [await reader.stat('/file')] })
  })

  test('can tell folders apart', async () => {
    const keys = await Promise.all(
      ['/', '/folder', '/folder/deep'].map(async (path) => (await seen(path)).key),
    )
    expect(new Set(keys).size).toBe(3)
    expect((await seen('/folder')).key).toBe(keys[1])
  })

  test('gets files whole and in parts, and their digests', async () => {
    expect(await load(reader, '/file')).toBe(content)
    expect(await load(reader, '/file', 4)).toBe('two three')
    expect(await load(reader, '/folder/deep/file')).toBe('deep')
    expect(await codeOf(() => load(reader, '/file', 14))).toBe('bad-request')
    const digest = { alg: 'md5', hex: hex('one ') } as const
    const resume = { offset: 4, digest, size: 13, mtime: 5000 }
    const download = await reader.openDownload('/file', { digest: 'md5', resume })
    expect({ offset: download.offset, left: download.left }).toEqual({ offset: 4, left: 9 })
    const memory = Buffer.alloc(100)
    expect(memory.subarray(0, await download.read(memory)).toString()).toBe('two three')
    expect(await download.finish()).toEqual({ size: 13, digest: { alg: 'md5', hex: hex(content) } })
    await download.close()
    for (const algorithm of ['md5', 'sha256'] as const) {
      const expected = { alg: algorithm, hex: hex('inside', algorithm) }
      expect(await reader.digest('/folder/inside', algorithm, goOn)).toEqual(expected)
    }
    expect(await reader.digest('/file', 'none', goOn)).toBeUndefined()
  })

  test('is told what folders take, and how much room there is', async () => {
    const [deep, folder] = [
      ['/folder/deep', 4, 2],
      ['/folder', 10, 4],
    ]
    expect(await countBy(reader, '/folder')).toEqual([deep, folder])
    expect(await countBy(reader, '/folder', 0)).toEqual([folder])
    expect(await countBy(reader, '/file')).toEqual([['/file', 13, 1]])
    const { total, available } = await reader.space('/folder')
    expect(total).toBeGreaterThan(0)
    expect(available).toBeLessThanOrEqual(total)
  })

  test('is told why something can’t be read', async () => {
    const expected: [string, () => unknown][] = [
      ['not-found', () => reader.stat('/none')],
      ['not-found', () => reader.list('/none')],
      ['not-found', () => reader.checkFolder('/none')],
      ['not-found', () => reader.openDownload('/none', { digest: 'md5' })],
      ['not-found', () => reader.digest('/none', 'md5', goOn)],
      ['not-found', () => countBy(reader, '/none')],
      ['not-found', () => reader.space('/none')],
      ['not-found', () => reader.stat('/folder/none')],
      ['not-found', () => reader.stat('/none/file')],
      ['not-a-directory', () => reader.checkFolder('/file')],
      ['not-a-directory', () => reader.stat('/file/below')],
      ['is-a-directory', () => reader.openDownload('/folder', { digest: 'md5' })],
      ['is-a-directory', () => reader.openDownload('/', { digest: 'md5' })],
      ['is-a-directory', () => reader.digest('/', 'md5', goOn)],
    ]
    for (const [code, act] of expected) expect(await codeOf(act), String(act)).toBe(code)
  })

  test('no longer sees what was removed', async () => {
    await writer.removeFile('/file')
    expect(await codeOf(() => reader.stat('/file'))).toBe('not-found')
    expect(await codeOf(() => load(reader, '/file'))).toBe('not-found')
    expect(await names(reader, '/')).toEqual(['folder'])
  })

  test('changes nothing', async () => {
    const upload = { digest: 'md5', onExists: 'overwrite' } as const
    const copying = { onExists: 'overwrite', pause: goOn } as const
    const acts = [
      () => reader.openUpload('/new', upload),
      () => reader.openUpload('/file', upload),
      () => reader.openUpload('/folder/new', upload),
      () => reader.copy('/file', '/copy', copying),
      () => reader.copy('/file', '/folder/inside', copying),
      () => reader.changeMode('/file', 0o600),
      () => reader.touch('/file', { create: true }),
      () => reader.touch('/new', { create: true }),
      () => reader.makeFolder('/new', 'one'),
      () => reader.makeFolder('/folder/new/er', 'make-parents'),
      () => reader.removeFolder('/folder/deep'),
      () => reader.removeFile('/file'),
      () => reader.rename('/file', '/folder/file', 'overwrite'),
    ]
    for (const act of acts) expect(await codeOf(act), String(act)).toBe('permission-denied')
    expect(await names(writer, '/')).toEqual(['file', 'folder'])
    expect(await names(writer, '/folder')).toEqual(['deep', 'inside'])
    expect(await load(writer, '/file')).toBe(content)
    expect(await load(writer, '/folder/inside')).toBe('inside')
  })
})

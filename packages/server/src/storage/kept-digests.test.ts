import { randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Digest, digestOf, prepareDigest } from '@jftp/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { codeOf, load, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { KeptDigests, MIN_KEPT_SIZE } from './kept-digests.js'

const SIZE = 100_000
const FALSE_DIGEST: Digest = { alg: 'md5', hex: '00112233445566778899aabbccddeeff' }

let folder: ReturnType<typeof tempFolder>
let digests: KeptDigests
let storage: TestDisk
let troubles: string[] = []

beforeEach(() => {
  // Where a sync takes no time, a file is written and gets its name within one step of the clock.
  folder = tempFolder('in memory')
  troubles = []
  digests = new KeptDigests(folder.path, (reason) => troubles.push(reason))
  storage = new TestDisk(folder.path, undefined, { digests })
})
afterEach(() => {
  vi.useRealTimers()
  storage.close()
  folder[Symbol.dispose]()
})

const noPause = async () => {}
const local = (name: string) => join(folder.path, name)
const version = (name: string) => statSync(local(name), { bigint: true })
const kept = (name: string) => digests.find(version(name), 'md5')
const md5 = (bytes: Uint8Array | string) => digestOf('md5', Buffer.from(bytes))

/** From now on what has been written is so old that nobody writes to it any more. */
function later(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 100_000 })
}

/** Keeps a digest that is not that of the file: whoever gets it has not read the file. */
function keepFalsely(name: string, alg: Digest['alg'] = 'md5'): void {
  digests.keepRead(version(name), version(name), Date.now() + 100_000, { ...FALSE_DIGEST, alg })
}

describe('a digest is kept', () => {
  test.each(['md5', 'sha256', 'blake3', 'xxh128'] as const)('of an upload: %s', async (alg) => {
    await prepareDigest(alg)
    const content = 'x'.repeat(SIZE)
    await store(storage, '/file', content, { digest: alg })
    expect(digests.find(version('file'), alg)).toEqual(digestOf(alg, Buffer.from(content)))
    const others = (['md5', 'sha256', 'blake3', 'xxh128'] as const).filter((each) => each !== alg)
    for (const other of others) expect(digests.find(version('file'), other)).toBeUndefined()
  })

  test.each(['overwrite', 'rename'] as const)(
    'of an upload to a name that is taken, with %s',
    async (onExists) => {
      writeFileSync(local('file'), 'old')
      const outcome = await store(storage, '/file', 'x'.repeat(SIZE), { onExists })
      const name = outcome.type === 'stored' ? outcome.path.slice(1) : ''
      expect(kept(name)).toEqual(md5('x'.repeat(SIZE)))
    },
  )

  test('of an upload that brings its own mtime, which it keeps', async () => {
    await store(storage, '/file', 'x'.repeat(SIZE), { mtime: 981_173_106_000 })
    expect(statSync(local('file')).mtimeMs).toBe(981_173_106_000)
    expect(kept('file')).toEqual(md5('x'.repeat(SIZE)))
  })

  test('of a file that was read whole, and of one that was only digested', async () => {
    writeFileSync(local('read'), 'x'.repeat(SIZE))
    writeFileSync(local('digested'), 'y'.repeat(SIZE))
    later()
    await load(storage, '/read')
    await storage.digest('/digested', 'md5', noPause)
    expect(kept('read')).toEqual(md5('x'.repeat(SIZE)))
    expect(kept('digested')).toEqual(md5('y'.repeat(SIZE)))
  })

  test('and given without reading the file', async () => {
    writeFileSync(local('file'), 'x'.repeat(SIZE))
    keepFalsely('file')
    expect(await storage.digest('/file', 'md5', noPause)).toEqual(FALSE_DIGEST)
    const download = storage.openDownload('/file', { digest: 'md5' })
    while ((await download.read(Buffer.alloc(SIZE))) > 0) {}
    expect(await download.finish()).toEqual({ size: SIZE, digest: FALSE_DIGEST })
    await download.close()
  })

  test('by another storage over the same root, in another process or thread', async () => {
    await store(storage, '/file', 'x'.repeat(SIZE))
    const other = new KeptDigests(folder.path, (reason) => troubles.push(reason))
    expect(other.find(version('file'), 'md5')).toEqual(md5('x'.repeat(SIZE)))
    other.close()
  })
})

describe('no digest is kept', () => {
  test('of a file that was changed a moment ago, because it may be changed again without a trace', async () => {
    writeFileSync(local('file'), 'x'.repeat(SIZE))
    await load(storage, '/file')
    expect(kept('file')).toBeUndefined()
  })

  test('of a small file, which is digested faster', async () => {
    await store(storage, '/file', 'x'.repeat(MIN_KEPT_SIZE - 1))
    expect(kept('file')).toBeUndefined()
    expect(readdirSync(local('.jftp'))).not.toContain('digests')
  })

  test('of a part of a file, and a part does not get that of the whole', async () => {
    writeFileSync(local('file'), 'x'.repeat(SIZE))
    later()
    await load(storage, '/file', 1)
    expect(kept('file')).toBeUndefined()
    keepFalsely('file')
    const download = storage.openDownload('/file', { digest: 'md5', offset: 1 })
    while ((await download.read(Buffer.alloc(SIZE))) > 0) {}
    expect((await download.finish()).digest).toEqual(md5('x'.repeat(SIZE - 1)))
    await download.close()
  })

  test('of an unverified upload, or one that was discarded', async () => {
    await store(storage, '/file', 'x'.repeat(SIZE), { digest: 'none' })
    expect(kept('file')).toBeUndefined()
    const upload = await storage.openUpload('/other', { digest: 'md5', onExists: 'overwrite' })
    if (upload === 'skipped') throw new Error('the name is free')
    await upload.write([Buffer.from('x'.repeat(SIZE))])
    await upload.finish()
    await upload.discard()
    expect(existsSync(local('.jftp/digests'))).toBe(false)
  })

  test('of a file that changes while it is read', async () => {
    writeFileSync(local('file'), 'x'.repeat(SIZE))
    later()
    const download = storage.openDownload('/file', { digest: 'md5' })
    while ((await download.read(Buffer.alloc(SIZE))) > 0) {}
    writeFileSync(local('file'), 'y'.repeat(SIZE))
    expect(await codeOf(() => download.finish())).toBe('changed')
    await download.close()
    expect(kept('file')).toBeUndefined()
  })

  test('of an upload whose mtime would not show that somebody wrote to it right after', () => {
    const stat = { dev: 1n, ino: 2n, size: BigInt(SIZE), mtimeNs: 5n, ctimeNs: 4n }
    digests.keepUpload(stat, { ...stat, ctimeNs: 5n }, FALSE_DIGEST)
    expect(digests.find({ ...stat, ctimeNs: 5n }, 'md5')).toBeUndefined()
    digests.keepUpload(stat, { ...stat, ctimeNs: 6n }, FALSE_DIGEST)
    expect(digests.find({ ...stat, ctimeNs: 6n }, 'md5')).toEqual(FALSE_DIGEST)
  })

  test('of an upload that somebody replaced or wrote to before anybody could look', () => {
    const stat = { dev: 1n, ino: 2n, size: BigInt(SIZE), mtimeNs: 5n, ctimeNs: 4n }
    for (const other of [{ ino: 3n }, { dev: 3n }, { size: BigInt(SIZE + 1) }, { mtimeNs: 6n }]) {
      const published = { ...stat, ctimeNs: 9n, ...other }
      digests.keepUpload(stat, published, FALSE_DIGEST)
      expect(digests.find(published, 'md5')).toBeUndefined()
    }
  })
})

describe('a digest is not given any more', () => {
  const change: Record<string, () => void> = {
    'is written to in place, its time set back': () => {
      const { atime, mtime } = statSync(local('file'))
      writeFileSync(local('file'), 'y'.repeat(SIZE), { flag: 'r+' })
      utimesSync(local('file'), atime, mtime)
    },
    grows: () => writeFileSync(local('file'), 'more', { flag: 'a' }),
    'is replaced': () => {
      writeFileSync(local('new'), 'y'.repeat(SIZE))
      renameSync(local('new'), local('file'))
    },
    'gets a second name': () => linkSync(local('file'), local('second')),
  }
  test.each(Object.entries(change))('if the file %s', async (_, act) => {
    writeFileSync(local('file'), 'x'.repeat(SIZE))
    keepFalsely('file')
    expect(kept('file')).toEqual(FALSE_DIGEST)
    act()
    expect(kept('file')).toBeUndefined()
    expect(await storage.digest('/file', 'md5', noPause)).toEqual(md5(readFileSync(local('file'))))
  })

  test('if the file is written to in the very moment in which its upload is done', async () => {
    for (let round = 0; round < 300; round++) {
      await store(storage, '/file', 'x'.repeat(SIZE))
      writeFileSync(local('file'), String(round), { flag: 'r+' })
      expect(await storage.digest('/file', 'md5', noPause)).toEqual(md5(readFileSync(local('file'))))
    }
  })
})

describe('the table', () => {
  const table = () => local('.jftp/digests/table-1')

  test('has the newest version of each of many files, and no other', async () => {
    const stat = (ino: number, ctimeNs: bigint) => {
      return { dev: 1n, ino: BigInt(ino), size: BigInt(SIZE), mtimeNs: 5n, ctimeNs }
    }
    const hex = (ino: number) => md5(String(ino))?.hex as string
    for (const ctimeNs of [10n, 11n]) {
      for (let ino = 0; ino < 5000; ino++) {
        digests.keepUpload(stat(ino, 4n), stat(ino, ctimeNs), { alg: 'md5', hex: hex(ino) })
      }
    }
    for (let ino = 0; ino < 5000; ino++) {
      expect(digests.find(stat(ino, 11n), 'md5')).toEqual({ alg: 'md5', hex: hex(ino) })
      expect(digests.find(stat(ino, 10n), 'md5')).toBeUndefined()
    }
  })

  test('does not grow over its limit, and what is in it is right, whatever is kept', () => {
    const stat = (ino: bigint) => ({ dev: 1n, ino, size: BigInt(SIZE), mtimeNs: 5n, ctimeNs: 4n })
    const inos = Array.from({ length: 20_000 }, () => randomBytes(8).readBigUInt64LE())
    for (const ino of inos) {
      digests.keepUpload(
        stat(ino),
        { ...stat(ino), ctimeNs: 9n },
        { alg: 'md5', hex: md5(`${ino}`)?.hex as string },
      )
    }
    expect(statSync(table()).size).toBeLessThanOrEqual(64 * 1024 * 1024)
    const found = inos.map((ino) => digests.find({ ...stat(ino), ctimeNs: 9n }, 'md5'))
    for (const [index, digest] of found.entries()) {
      if (digest !== undefined) expect(digest).toEqual(md5(`${inos[index]}`))
    }
    expect(found.filter((digest) => digest !== undefined).length).toBeGreaterThan(19_900)
  })

  test('that is damaged anywhere gives the right digest or none', async () => {
    await store(storage, '/file', 'x'.repeat(SIZE))
    const whole = readFileSync(table())
    const start = whole.findIndex((byte) => byte !== 0) & ~127
    for (let at = start; at < start + 128; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] as number) ^ 0x10
      writeFileSync(table(), damaged, { flag: 'r+' })
      expect([undefined, md5('x'.repeat(SIZE))]).toContainEqual(kept('file'))
    }
    writeFileSync(table(), randomBytes(whole.length))
    expect(kept('file')).toBeUndefined()
    writeFileSync(table(), whole.subarray(0, start + 60))
    expect(kept('file')).toBeUndefined()
    await store(storage, '/file', 'y'.repeat(SIZE))
    expect(kept('file')).toEqual(md5('y'.repeat(SIZE)))
    expect(troubles).toEqual([])
  })

  test('may be removed while it is used: the next digest makes a new one', async () => {
    await store(storage, '/file', 'x'.repeat(SIZE))
    rmSync(local('.jftp'), { recursive: true })
    await store(storage, '/other', 'y'.repeat(SIZE))
    expect(existsSync(table())).toBe(true)
    expect(kept('other')).toEqual(md5('y'.repeat(SIZE)))
    expect(kept('file')).toBeUndefined()
    expect(troubles).toEqual([])
  })

  test.each<[string, () => void]>([
    ['it is a folder', () => mkdirSync(table(), { recursive: true })],
    [
      'its folder is a file',
      () => {
        mkdirSync(local('.jftp'))
        writeFileSync(local('.jftp/digests'), '')
      },
    ],
  ])('if %s, everything works without it, and it is told once', async (_, prepare) => {
    prepare()
    for (const name of ['/one', '/two']) {
      expect((await store(storage, name, 'x'.repeat(SIZE))).type).toBe('stored')
      expect(await load(storage, name)).toBe('x'.repeat(SIZE))
      expect(await storage.digest(name, 'md5', noPause)).toEqual(md5('x'.repeat(SIZE)))
    }
    expect(troubles).toHaveLength(1)
  })
})

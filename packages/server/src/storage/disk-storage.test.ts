import { execFileSync } from 'node:child_process'
import fs, { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import type { Entry } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { openEmptyDisk, root, storage, write } from '../../test/disk-fixture.js'
import { codeOf, load, names, store, TestDisk } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { PERMISSIONS, Permissions } from '../visitors/permissions.js'

openEmptyDisk()

describe('names', () => {
  test.each([
    ['spaces', '  two words '],
    ['quotes', `it's "quoted" \`so\``],
    ['a newline', 'one\ntwo'],
    ['control characters', 'bell\u0007 escape\u001b[31m tab\t'],
    ['Unicode', 'naïve – 日本語 – 🗂️'],
    ['both forms of é', 'e\u0301 é'],
    ['255 bytes', 'x'.repeat(255)],
    ['255 bytes of Unicode', '語'.repeat(85)],
    ['a leading dash', '-rf'],
    ['dots', '...'],
    ['a percent sign', '%2e%2e'],
    ['a backslash', 'a\\b'],
    ['a name of Object’s own', '__proto__'],
  ])('%s', async (_what, name) => {
    const path = `/${name}`
    expect(await store(storage, path, 'content')).toEqual({ type: 'stored', path })
    expect(readdirSync(root).filter((each) => each !== '.jftp')).toEqual([name])
    expect(await load(storage, path)).toBe('content')
    expect(await names(storage, '/')).toEqual([name])
    expect(storage.stat(path)).toMatchObject({ name, type: 'file', size: 7 })
    await storage.rename(path, '/other', 'fail')
    await storage.rename('/other', path, 'fail')
    await storage.removeFile(path)
    await storage.makeFolder(path, 'one')
    await storage.removeFolder(path)
    expect(await names(storage, '/')).toEqual([])
  })

  test('one byte too many is refused by rename’s .new, and the old file stays', async () => {
    const name = 'x'.repeat(252)
    write(name, 'old')
    const outcome = await store(storage, `/${name}`, 'new', { onExists: 'rename' })
    expect(outcome).toMatchObject({ type: 'failed', error: { code: 'bad-request' } })
    expect(readFileSync(join(root, name), 'utf8')).toBe('old')
  })

  test('one that is not UTF-8 is listed, with its bytes', async () => {
    const raw = Buffer.from([0x62, 0xff, 0x61, 0x64])
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), raw]), 'content')
    const listing = storage.list('/')
    const entries = []
    for await (const page of listing.pages) entries.push(...page)
    await listing.close()
    expect(entries).toMatchObject([{ name: 'b\ufffdad', size: 7, rawName: raw.toString('base64') }])
  })
})

describe('folders', () => {
  test('makeFolder: one, and with what is missing on the way', async () => {
    await storage.makeFolder('/a', 'one')
    expect(await codeOf(() => storage.makeFolder('/a', 'one'))).toBe('exists')
    expect(await codeOf(() => storage.makeFolder('/b/c', 'one'))).toBe('not-found')
    await storage.makeFolder('/a/b/c', 'make-parents')
    await storage.makeFolder('/a/b/c', 'make-parents')
    await storage.makeFolder('/', 'make-parents')
    expect(await names(storage, '/a/b')).toEqual(['c'])
    expect(await codeOf(() => storage.makeFolder('/', 'one'))).toBe('exists')
  })

  test('makeFolder with parents stops at a file', async () => {
    write('file')
    expect(await codeOf(() => storage.makeFolder('/file/a', 'make-parents'))).toBe('not-a-directory')
    expect(await codeOf(() => storage.makeFolder('/file', 'make-parents'))).toBe('not-a-directory')
  })

  test('makeFolder with parents opens each folder on the way once', async () => {
    const { openSync: realOpen } = fs
    let opened = 0
    fs.openSync = (...args) => {
      opened++
      return realOpen(...args)
    }
    syncBuiltinESMExports()
    try {
      await storage.makeFolder('/a'.repeat(100), 'make-parents')
    } finally {
      fs.openSync = realOpen
      syncBuiltinESMExports()
    }
    expect(storage.stat('/a'.repeat(100)).type).toBe('directory')
    // Once to hold each folder, once to sync it.
    expect(opened).toBeLessThan(250)
  })

  test('makeFolder with parents goes through links', async () => {
    mkdirSync(join(root, 'folder', 'deep'), { recursive: true })
    symlinkSync('folder/deep', join(root, 'link'))
    symlinkSync('../..', join(root, 'folder', 'deep', 'top'))
    symlinkSync('gone', join(root, 'dangling'))
    await storage.makeFolder('/link/top/new/one', 'make-parents')
    expect(await names(storage, '/new')).toEqual(['one'])
    expect(await codeOf(() => storage.makeFolder('/link/top/.jftp/a', 'make-parents'))).toBe(
      'permission-denied',
    )
    expect(await codeOf(() => storage.makeFolder('/dangling/a', 'make-parents'))).toBe('not-found')
    expect(await names(storage, '/')).toEqual(['dangling', 'folder', 'link', 'new'])
  })

  test('removeFolder takes an empty folder only', async () => {
    mkdirSync(join(root, 'full', 'empty'), { recursive: true })
    write('file')
    expect(await codeOf(() => storage.removeFolder('/full'))).toBe('not-empty')
    expect(await codeOf(() => storage.removeFolder('/file'))).toBe('not-a-directory')
    expect(await codeOf(() => storage.removeFolder('/none'))).toBe('not-found')
    expect(await codeOf(() => storage.removeFolder('/'))).toBe('bad-request')
    await storage.removeFolder('/full/empty')
    await storage.removeFolder('/full')
    expect(await names(storage, '/')).toEqual(['file'])
  })

  test('removeFile takes a file only', async () => {
    mkdirSync(join(root, 'folder'))
    expect(await codeOf(() => storage.removeFile('/folder'))).toBe('is-a-directory')
    expect(await codeOf(() => storage.removeFile('/none'))).toBe('not-found')
    expect(await codeOf(() => storage.removeFile('/'))).toBe('bad-request')
  })

  test('ls of a file is its one entry', async () => {
    write('file', 'four')
    expect(await names(storage, '/file')).toEqual(['file'])
  })

  test('sizes and times that JSON or a calendar can’t hold are shown as the nearest that they can', async () => {
    using memory = tempFolder('in memory')
    const odd = new TestDisk(memory.path)
    const path = join(memory.path, 'odd')
    writeFileSync(path, '')
    execFileSync('truncate', ['-s', '9007199254740993', path])
    utimesSync(path, 0, '99999999999999')
    const listing = odd.list('/')
    const [page] = [...(listing.pages as Iterable<Entry[]>)]
    await listing.close()
    expect(page?.[0]).toMatchObject({ size: Number.MAX_SAFE_INTEGER, mtime: 8.64e15 })
    expect(await codeOf(() => load(odd, '/odd'))).toBe('too-large')
    utimesSync(path, 0, '-99999999999999')
    expect(odd.stat('/odd').mtime).toBe(-8.64e15)
    odd.close()
  })

  test('a folder of 100,000 names is listed whole, a page at a time', () => {
    using many = tempFolder('in memory')
    for (let n = 0; n < 100_000; n++) writeFileSync(join(many.path, `${n}`), '')
    const { pages, close } = new TestDisk(many.path).list('/')
    const seen = new Set<string>()
    let longest = 0
    for (const page of pages as Iterable<{ name: string }[]>) {
      longest = Math.max(longest, page.length)
      for (const { name } of page) seen.add(name)
    }
    void close()
    expect(seen.size).toBe(100_000)
    expect(longest).toBeLessThanOrEqual(1000)
  })
})

describe('a link', () => {
  test('gives nobody a permission: where it leads decides', async () => {
    mkdirSync(join(root, 'open'))
    mkdirSync(join(root, 'closed'))
    write('closed/file', 'secret')
    symlinkSync('../closed/file', join(root, 'open', 'link'))
    symlinkSync('../closed', join(root, 'open', 'folder'))
    const guest = new TestDisk(root, new Permissions('guest', [{ path: '/open', allows: PERMISSIONS }]))
    try {
      const acts: (() => unknown)[] = [
        () => load(guest, '/open/link'),
        () => load(guest, '/open/folder/file'),
        () => guest.list('/open/folder'),
        () => store(guest, '/open/link', 'x'),
        () => store(guest, '/open/folder/new', 'x'),
        () => guest.removeFile('/open/folder/file'),
        () => guest.rename('/open/folder/file', '/open/file', 'fail'),
        () => guest.makeFolder('/open/folder/a/b', 'make-parents'),
      ]
      for (const act of acts) expect(await codeOf(act), String(act)).toBe('permission-denied')
      expect(await names(storage, '/closed')).toEqual(['file'])
      // The link itself lies in the open folder.
      await guest.removeFile('/open/link')
    } finally {
      guest.close()
    }
  })
})

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, load, names, store } from '../../test/disk-transfer.js'
import { tempFolder } from '../../test/temp-folder.js'
import { DiskStorage } from './disk-storage.js'

let folder: ReturnType<typeof tempFolder>
let root = ''
let storage: DiskStorage

beforeEach(() => {
  folder = tempFolder()
  root = folder.path
  storage = new DiskStorage(root)
})
afterEach(() => {
  storage.close()
  folder[Symbol.dispose]()
})

const write = (name: string, text = '') => writeFileSync(join(root, name), text)

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
    expect(await store(storage, path, 'content')).toEqual({ status: 'stored', path })
    expect(readdirSync(root).filter((each) => each !== '.jftp')).toEqual([name])
    expect(await load(storage, path)).toBe('content')
    expect(await names(storage, '/')).toEqual([name])
    expect(storage.stat(path)).toMatchObject({ name, type: 'file', size: 7 })
    storage.rename(path, '/other', 'fail')
    storage.rename('/other', path, 'fail')
    storage.removeFile(path)
    storage.makeFolder(path, 'one')
    storage.removeFolder(path)
    expect(await names(storage, '/')).toEqual([])
  })

  test('one byte too many is refused by rename’s .new, and the old file stays', async () => {
    const name = 'x'.repeat(252)
    write(name, 'old')
    const outcome = await store(storage, `/${name}`, 'new', { onExists: 'rename' })
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'bad-request' } })
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

describe('content', () => {
  test.each([0, 1, 2])('a file of %d bytes', async (size) => {
    const text = 'x'.repeat(size)
    await store(storage, '/file', text)
    expect(storage.stat('/file').size).toBe(size)
    expect(await load(storage, '/file')).toBe(text)
  })

  test('a file that changes while it is read ends with `changed`', async () => {
    write('file', 'before')
    const { source, close } = storage.openDownload('/file', 'md5')
    await source.read()
    write('file', 'after it')
    expect(await codeOf(() => source.finish())).toBe('changed')
    await close()
  })

  test('a file that shrinks under a reader ends with `changed`', async () => {
    write('file', 'x'.repeat(1024 * 1024))
    const { source, close } = storage.openDownload('/file', 'md5')
    await source.read()
    write('file', '')
    while ((await source.read()) !== undefined);
    expect(await codeOf(() => source.finish())).toBe('changed')
    await close()
  })

  test('a file that is replaced while it is read is read to its end as it was', async () => {
    write('file', 'before')
    const download = storage.openDownload('/file', 'md5')
    await store(storage, '/file', 'after')
    const piece = await download.source.read()
    expect(Buffer.from(piece?.frame.subarray(8) ?? []).toString()).toBe('before')
    expect(await codeOf(() => download.source.finish())).toBe('none')
    await download.close()
  })
})

describe('what is no regular file can’t be got, and nobody waits for it', () => {
  test('a named pipe', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    symlinkSync('pipe', join(root, 'link'))
    expect(await codeOf(() => load(storage, '/pipe'))).toBe('unsupported')
    expect(await codeOf(() => load(storage, '/link'))).toBe('unsupported')
    expect(storage.stat('/pipe').type).toBe('other')
  })

  test('a socket', async () => {
    const server = createServer().listen(join(root, 'socket'))
    await once(server, 'listening')
    expect(await codeOf(() => load(storage, '/socket'))).toBe('unsupported')
    server.close()
  })

  test.skipIf(process.getuid?.() !== 0)('a device (needs root to make one)', async () => {
    execFileSync('mknod', [join(root, 'zero'), 'c', '1', '5'])
    expect(await codeOf(() => load(storage, '/zero'))).toBe('unsupported')
  })

  test('a folder', async () => {
    mkdirSync(join(root, 'folder'))
    expect(await codeOf(() => load(storage, '/folder'))).toBe('is-a-directory')
    expect(await codeOf(() => load(storage, '/'))).toBe('is-a-directory')
  })
})

describe('folders', () => {
  test('makeFolder: one, and with what is missing on the way', async () => {
    storage.makeFolder('/a', 'one')
    expect(await codeOf(() => storage.makeFolder('/a', 'one'))).toBe('exists')
    expect(await codeOf(() => storage.makeFolder('/b/c', 'one'))).toBe('not-found')
    storage.makeFolder('/a/b/c', 'make-parents')
    storage.makeFolder('/a/b/c', 'make-parents')
    storage.makeFolder('/', 'make-parents')
    expect(await names(storage, '/a/b')).toEqual(['c'])
    expect(await codeOf(() => storage.makeFolder('/', 'one'))).toBe('exists')
  })

  test('makeFolder with parents stops at a file', async () => {
    write('file')
    expect(await codeOf(() => storage.makeFolder('/file/a', 'make-parents'))).toBe('not-a-directory')
    expect(await codeOf(() => storage.makeFolder('/file', 'make-parents'))).toBe('not-a-directory')
  })

  test('removeFolder takes an empty folder only', async () => {
    mkdirSync(join(root, 'full', 'empty'), { recursive: true })
    write('file')
    expect(await codeOf(() => storage.removeFolder('/full'))).toBe('not-empty')
    expect(await codeOf(() => storage.removeFolder('/file'))).toBe('not-a-directory')
    expect(await codeOf(() => storage.removeFolder('/none'))).toBe('not-found')
    expect(await codeOf(() => storage.removeFolder('/'))).toBe('bad-request')
    storage.removeFolder('/full/empty')
    storage.removeFolder('/full')
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

  test('a folder of 100,000 names is listed whole, a page at a time', () => {
    using many = tempFolder('in memory')
    for (let n = 0; n < 100_000; n++) writeFileSync(join(many.path, `${n}`), '')
    const { pages, close } = new DiskStorage(many.path).list('/')
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

describe('rename', () => {
  test('of a file, also into another folder', async () => {
    mkdirSync(join(root, 'folder'))
    write('file', 'content')
    storage.rename('/file', '/folder/moved', 'fail')
    expect(await load(storage, '/folder/moved')).toBe('content')
    expect(await names(storage, '/')).toEqual(['folder'])
  })

  test('replaces, or fails and changes nothing, as asked', async () => {
    write('from', 'new')
    write('to', 'old')
    expect(await codeOf(() => storage.rename('/from', '/to', 'fail'))).toBe('exists')
    expect([await load(storage, '/from'), await load(storage, '/to')]).toEqual(['new', 'old'])
    storage.rename('/from', '/to', 'overwrite')
    expect(await load(storage, '/to')).toBe('new')
    expect(await names(storage, '/')).toEqual(['to'])
  })

  test('to its own name changes nothing', async () => {
    write('file', 'content')
    storage.rename('/file', '/file', 'overwrite')
    expect(await codeOf(() => storage.rename('/file', '/file', 'fail'))).toBe('exists')
    expect(await load(storage, '/file')).toBe('content')
  })

  test('of folders: into itself, over a full one, over a file', async () => {
    mkdirSync(join(root, 'a', 'b'), { recursive: true })
    mkdirSync(join(root, 'c', 'd'), { recursive: true })
    write('file')
    expect(await codeOf(() => storage.rename('/a', '/a/b/a', 'overwrite'))).toBe('bad-request')
    expect(await codeOf(() => storage.rename('/a', '/c', 'overwrite'))).toBe('not-empty')
    expect(await codeOf(() => storage.rename('/a', '/c', 'fail'))).toBe('exists')
    expect(await codeOf(() => storage.rename('/a', '/file', 'overwrite'))).toBe('not-a-directory')
    expect(await codeOf(() => storage.rename('/file', '/a', 'overwrite'))).toBe('is-a-directory')
    expect(await codeOf(() => storage.rename('/', '/a', 'overwrite'))).toBe('bad-request')
    expect(await codeOf(() => storage.rename('/a', '/', 'overwrite'))).toBe('bad-request')
    storage.rename('/a', '/c/a', 'fail')
    expect(await names(storage, '/c')).toEqual(['a', 'd'])
  })

  test('of nothing', async () => {
    expect(await codeOf(() => storage.rename('/none', '/b', 'fail'))).toBe('not-found')
  })
})

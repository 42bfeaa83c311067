import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdirSync, openSync, symlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { openEmptyDisk, root, storage, write } from '../../test/disk-fixture.js'
import { codeOf, load, store } from '../../test/disk-transfer.js'

openEmptyDisk()

describe('content', () => {
  test.each([0, 1, 2])('a file of %d bytes', async (size) => {
    const text = 'x'.repeat(size)
    await store(storage, '/file', text)
    expect(storage.stat('/file').size).toBe(size)
    expect(await load(storage, '/file')).toBe(text)
  })

  test('a file that changes while it is read ends with `changed`', async () => {
    write('file', 'before')
    const download = storage.openDownload('/file', { digest: 'md5' })
    await download.read(Buffer.alloc(100))
    write('file', 'after it')
    expect(await codeOf(() => download.finish())).toBe('changed')
    await download.close()
  })

  test('a file that shrinks under a reader ends with `changed`', async () => {
    write('file', 'x'.repeat(1024 * 1024))
    const download = storage.openDownload('/file', { digest: 'md5' })
    await download.read(Buffer.alloc(1000))
    write('file', '')
    expect(download.read(Buffer.alloc(1000))).toBe(0)
    expect(await codeOf(() => download.finish())).toBe('changed')
    await download.close()
  })

  test('a file that is replaced while it is read is read to its end as it was', async () => {
    write('file', 'before')
    const download = storage.openDownload('/file', { digest: 'md5' })
    await store(storage, '/file', 'after')
    const memory = Buffer.alloc(100)
    expect(memory.subarray(0, await download.read(memory)).toString()).toBe('before')
    expect(await codeOf(() => download.finish())).toBe('none')
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

  test('a named pipe is not even opened: somebody who waits to write to it goes on waiting', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    symlinkSync('pipe', join(root, 'link'))
    const writer = open(join(root, 'pipe'), 'w')
    let isOpen = false
    void writer.then(() => {
      isOpen = true
    })
    for (let n = 0; n < 20; n++) {
      await setTimeout(10)
      for (const path of ['/pipe', '/link'])
        expect(await codeOf(() => load(storage, path))).toBe('unsupported')
    }
    expect(isOpen).toBe(false)
    closeSync(openSync(join(root, 'pipe'), constants.O_RDONLY | constants.O_NONBLOCK))
    await (await writer).close()
  })

  test('a folder', async () => {
    mkdirSync(join(root, 'folder'))
    expect(await codeOf(() => load(storage, '/folder'))).toBe('is-a-directory')
    expect(await codeOf(() => load(storage, '/'))).toBe('is-a-directory')
  })
})

import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FRAME_HEADER_SIZE } from '@jftp/protocol'
// By package name: the thread's own file must be the built one.
import { type ByteSource, FileSink, FileSource, PIECE_SIZE, TransferThread } from '@jftp/transfer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const bytes = randomBytes(PIECE_SIZE * 5 + 12_345)
const md5 = createHash('md5').update(bytes).digest('hex')
const thread = new TransferThread()
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-transfer-'))
  writeFileSync(join(folder, 'in'), bytes)
})
afterAll(async () => {
  await thread.close()
  rmSync(folder, { recursive: true })
})

const here = {
  source: (fd: number, before?: Stats) => new FileSource(fd, 'md5', before),
  sink: (fd: number) => new FileSink(fd, 'md5'),
}
const there = {
  source: (fd: number, before?: Stats) => thread.openSource(fd, 'md5', before),
  sink: (fd: number) => thread.openSink(fd, 'md5'),
}

describe.each([
  ['in this thread', here],
  ['in a thread of its own', there],
])('%s', (_where, { source: openSource, sink: openSink }) => {
  test('a source reads the file whole and in order, and digests it', async () => {
    const fd = openSync(join(folder, 'in'), 'r')
    const source = openSource(fd)
    const read = await drain(source)
    expect(await source.finish()).toEqual({ size: bytes.length, digest: { alg: 'md5', hex: md5 } })
    expect(Buffer.concat(read).equals(bytes)).toBe(true)
    await source.close()
    closeSync(fd)
  })

  test('a sink writes what it is given, in any cutting, and digests it', async () => {
    const path = join(folder, 'out')
    const fd = openSync(path, 'w')
    const sink = openSink(fd)
    const copy = new Uint8Array(bytes)
    const cuts = [0, 1, 8, 70_000, 70_001, 700_000, bytes.length]
    for (const [index, start] of cuts.entries())
      await sink.write([copy.slice(start, cuts[index + 1] ?? start)])
    expect(await sink.finish()).toEqual({ size: bytes.length, digest: { alg: 'md5', hex: md5 } })
    await sink.close()
    closeSync(fd)
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  test('a file that shrinks while it is read is said to have changed', async () => {
    const path = join(folder, 'shrinks')
    writeFileSync(path, bytes)
    const fd = openSync(path, 'r')
    const source = openSource(fd)
    await source.read()
    truncateSync(path, 10)
    await drain(source)
    await expect((async () => await source.finish())()).rejects.toMatchObject({ code: 'changed' })
    await source.close()
    closeSync(fd)
  })

  test('a file that is rewritten in place and given its old time again is said to have changed', async () => {
    const path = join(folder, 'rewritten')
    writeFileSync(path, bytes)
    utimesSync(path, 2, 2)
    const fd = openSync(path, 'r')
    const source = openSource(fd)
    await source.read()
    writeFileSync(path, 'x', { flag: 'r+' })
    utimesSync(path, 2, 2)
    await drain(source)
    await expect((async () => await source.finish())()).rejects.toMatchObject({ code: 'changed' })
    await source.close()
    closeSync(fd)
  })

  test('a file that changed after its caller looked at it, and before reading began, is said to have changed', async () => {
    const path = join(folder, 'grows')
    writeFileSync(path, 'before')
    const fd = openSync(path, 'r')
    const before = fstatSync(fd)
    writeFileSync(path, 'after!')
    utimesSync(path, before.atime, before.mtime)
    const source = openSource(fd, before)
    await drain(source)
    await expect((async () => await source.finish())()).rejects.toMatchObject({ code: 'changed' })
    await source.close()
    closeSync(fd)
  })

  test('an error of the disk keeps its code', async () => {
    const fd = openSync(join(folder, 'in'), 'r')
    const sink = openSink(fd)
    await expect(
      (async () => {
        await sink.write([new Uint8Array(300_000)])
        await sink.finish()
      })(),
    ).rejects.toMatchObject({ code: 'EBADF' })
    await sink.close()
    closeSync(fd)
  })
})

test('a file rewritten in place, its mtime set back, is said to have changed', async () => {
  const path = join(folder, 'rewritten')
  writeFileSync(path, bytes)
  utimesSync(path, 1_000_000_000, 1_000_000_000)
  const fd = openSync(path, 'r')
  const source = new FileSource(fd, 'md5')
  source.read()
  writeFileSync(path, randomBytes(bytes.length))
  utimesSync(path, 1_000_000_000, 1_000_000_000)
  await drain(source)
  expect(() => source.finish()).toThrow(expect.objectContaining({ code: 'changed' }))
  closeSync(fd)
})

test('a source that has been read to its end needs its thread no more', async () => {
  const fd = openSync(join(folder, 'in'), 'r')
  const source = thread.openSource(fd, 'md5')
  await drain(source)
  expect(source.finish()).toEqual({ size: bytes.length, digest: { alg: 'md5', hex: md5 } })
  expect(source.close()).toBeUndefined()
  closeSync(fd)
})

test('a thread that died does not end the jobs of its successor', async () => {
  const own = new TransferThread()
  const fd = openSync(join(folder, 'in'), 'r')
  const lost = own.openSource(fd, 'md5')
  const ended = own.close()
  const next = own.openSource(fd, 'md5')
  await ended
  expect(Buffer.concat(await drain(next)).equals(bytes)).toBe(true)
  await expect(drain(lost)).rejects.toThrow('the transfer thread ended')
  await next.close()
  await own.close()
  closeSync(fd)
})

async function drain(source: ByteSource): Promise<Uint8Array[]> {
  const read: Uint8Array[] = []
  for (let piece = await source.read(); piece; piece = await source.read()) {
    read.push(piece.frame.slice(FRAME_HEADER_SIZE))
    source.recycle(piece.frame.buffer)
  }
  return read
}

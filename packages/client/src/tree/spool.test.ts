import { expect, test } from 'vitest'
import type { FoundEntry } from '../call-options.js'
import { FtpError } from '../errors/ftp-error.js'
import { spooled, spooledPages } from './spool.js'

const entryOf = (index: number): FoundEntry =>
  index % 10 === 0
    ? {
        type: 'unreadable',
        path: `/é${index}`,
        error: new FtpError('io-error', `failed ${index}`, { path: `/é${index}` }),
      }
    : { type: 'file', path: `/é${index}`, name: `é${index}`, size: index, mtime: 0 }

async function* listing(
  count: number,
  onGiven: (index: number) => void = () => {},
): AsyncGenerator<FoundEntry> {
  for (let index = 0; index < count; index++) {
    onGiven(index)
    yield entryOf(index)
  }
}

test.each([1, 7, 100, 100_000])('gives every entry in its order (%d in memory)', async (maxKept) => {
  let index = 0
  for await (const entry of spooled(listing(1000), maxKept)) {
    expect(entry).toEqual(entryOf(index++))
    // A reader that pauses now and then lets the listing run ahead.
    if (index % 97 === 0) await new Promise(setImmediate)
  }
  expect(index).toBe(1000)
})

test('reads the listing to its end, although its reader waits', async () => {
  let given = 0
  const entries = spooled(
    listing(5000, () => given++),
    10,
  )
  expect((await entries.next()).value).toEqual(entryOf(0))
  await expect.poll(() => given).toBe(5000)
  let rest = 0
  for await (const _ of entries) rest++
  expect(rest).toBe(4999)
})

test('a line that is longer than a block comes whole', async () => {
  const long: FoundEntry = {
    type: 'link',
    path: '/l',
    name: 'l',
    size: 0,
    mtime: 0,
    target: 'x'.repeat(200_000),
  }
  async function* source(): AsyncGenerator<FoundEntry> {
    for (let count = 0; count < 5; count++) yield long
  }
  const all = []
  for await (const entry of spooled(source(), 1)) all.push(entry)
  expect(all).toEqual(Array.from({ length: 5 }, () => long))
})

test('fails as the listing does, after what came before', async () => {
  async function* failing(): AsyncGenerator<FoundEntry> {
    yield entryOf(1)
    yield entryOf(2)
    throw new FtpError('connection-lost', 'gone')
  }
  const seen: FoundEntry[] = []
  await expect(async () => {
    for await (const entry of spooled(failing(), 1)) seen.push(entry)
  }).rejects.toMatchObject({ code: 'connection-lost' })
  expect(seen).toEqual([entryOf(1), entryOf(2)])
})

test('stops the listing if its reader leaves', async () => {
  let isStopped = false
  async function* endless(): AsyncGenerator<FoundEntry> {
    try {
      for (let index = 0; ; index++) {
        yield entryOf(index)
        await new Promise(setImmediate)
      }
    } finally {
      isStopped = true
    }
  }
  for await (const _ of spooled(endless(), 10)) break
  expect(isStopped).toBe(true)
})

test('what is written to the file and read from it leaves no garbage outside the heap', async () => {
  const names = 100_000
  const start = process.memoryUsage().arrayBuffers
  let most = 0
  const look = () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - start)
  }
  let end = () => {}
  const hasEnded = new Promise<void>((resolve) => {
    end = resolve
  })
  async function* source(): AsyncGenerator<FoundEntry> {
    for (let n = 0; n < names; n++) {
      yield { type: 'file', path: `/some/path/to/a/file ${n}`, name: `file ${n}`, size: n, mtime: n }
      if (n % 1000 === 0) look()
    }
    end()
  }
  let count = 0
  for await (const page of spooledPages(source())) {
    if (count === 0) await hasEnded
    count += page.length
    look()
  }
  expect(count).toBe(names)
  // It was 2 MB or more when each block had memory of its own.
  expect(most).toBeLessThan(500_000)
})

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { connect, type SyncEvent, type SyncOptions } from '@jftp/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'
import { client, connectOnce, ftpd } from './connected-client.js'
import { FaultyProxy } from './faulty-proxy.js'

let count = 0
/** The two trees of a test: here and in the served folder. */
let here: string
let there: string

connectOnce()
beforeEach(() => {
  count++
  here = join(ftpd.local, `here-${count}`)
  there = join(ftpd.root, `there-${count}`)
})
afterEach(() => {
  for (const tree of [here, there]) rmSync(tree, { recursive: true, force: true })
})

type Direction = 'up' | 'down'

/** Writes files: the value is the content; a name that ends in `/` is a folder. */
function write(root: string, files: Record<string, string | null>): void {
  mkdirSync(root, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (content !== null && !name.endsWith('/')) writeFileSync(path, content)
  }
}

/** What is in a tree: folders end in `/`, links have where they lead. */
function read(root: string): Record<string, string> {
  if (!existsSync(root)) return {}
  const found: Record<string, string> = {}
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const stat = lstatSync(join(root, name))
    if (stat.isDirectory()) found[`${name}/`] = ''
    else found[name] = stat.isSymbolicLink() ? '->' : readFileSync(join(root, name), 'utf8')
  }
  return found
}

const trees = (direction: Direction) =>
  (direction === 'up' ? [here, there] : [there, here]) as [string, string]

async function sync(direction: Direction, options: SyncOptions = {}) {
  const events: SyncEvent[] = []
  const roots = { local: here, remote: `/there-${count}`, direction }
  const result = await client.sync(roots, { ...options, onEvent: (event) => void events.push(event) })
  const told = (type: SyncEvent['type']) =>
    events.flatMap((event) => (event.type === type && 'item' in event ? [event.item?.path ?? ''] : []))
  return { ...result, told, events }
}

describe.each(['up', 'down'] as const)('%s', (direction) => {
  test('a tree is copied, and a second run finds everything unchanged', async () => {
    const [source, target] = trees(direction)
    const files: Record<string, string> = { 'empty/': '', 'deep/er/': '' }
    for (let index = 0; index < 300; index++)
      files[`d${index % 7}/e${index % 3}/f${index}`] = `content ${index}`
    write(source, files)
    expect(await sync(direction)).toMatchObject({ files: 300, transferred: 300, unchanged: 0, failed: 0 })
    expect(read(target)).toEqual(read(source))
    expect(await sync(direction)).toMatchObject({ files: 300, transferred: 0, unchanged: 300, failed: 0 })
  })

  test('three changed files are sent, and nothing else', async () => {
    const [source, target] = trees(direction)
    write(source, { 'a/1': 'one', 'a/2': 'two', b: 'three', c: 'four' })
    await sync(direction)
    // Another size, another content of the same size, and a new file.
    write(source, { 'a/1': 'longer', b: 'THREE', 'new/d': 'five' })
    const { transferred, unchanged, told } = await sync(direction)
    expect({ transferred, unchanged }).toEqual({ transferred: 3, unchanged: 2 })
    expect(told('transferred').sort()).toEqual(['a/1', 'b', 'new/d'])
    expect(read(target)).toEqual(read(source))
  })

  test('every copy gets the time of its original, to the millisecond', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'a', b: 'b', old: 'old' })
    utimesSync(join(source, 'a'), 1_700_000_000.123, 1_700_000_000.123)
    utimesSync(join(source, 'old'), -86_400.5, -86_400.5)
    await sync(direction)
    for (const name of ['a', 'b', 'old']) {
      expect(Math.floor(statSync(join(target, name)).mtimeMs)).toBe(
        Math.floor(statSync(join(source, name)).mtimeMs),
      )
    }
    expect(await sync(direction)).toMatchObject({ transferred: 0, unchanged: 3 })
  })

  test('a copy on a file system that keeps whole seconds is unchanged', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'a' })
    utimesSync(join(source, 'a'), 1_700_000_000.9, 1_700_000_000.9)
    await sync(direction)
    utimesSync(join(target, 'a'), 1_700_000_000, 1_700_000_000)
    expect(await sync(direction)).toMatchObject({ unchanged: 1 })
    utimesSync(join(target, 'a'), 1_699_999_999, 1_699_999_999)
    expect(await sync(direction)).toMatchObject({ transferred: 1 })
  })

  test('names may be anything that a file can have', async () => {
    const [source, target] = trees(direction)
    const names = [
      'a\nb',
      'tab\there',
      '*',
      '?',
      '[a]',
      '\\',
      ' ',
      '-rf',
      '"',
      "'",
      '\u001b[31m',
      'ä',
      'a\u0308',
    ]
    write(
      source,
      Object.fromEntries(
        names.flatMap((name) => [
          [name, name],
          [`dir ${name}/x`, name],
        ]),
      ),
    )
    expect(await sync(direction)).toMatchObject({ transferred: names.length * 2, failed: 0 })
    expect(read(target)).toEqual(read(source))
    expect(await sync(direction, { delete: 'extra' })).toMatchObject({ transferred: 0, deleted: 0 })
  })

  test('names that differ in case only are different names', async () => {
    const [source, target] = trees(direction)
    write(source, { 'A/x': '1', 'a/x': '2', B: '3', b: '4' })
    await sync(direction)
    expect(read(target)).toEqual(read(source))
  })

  test('without delete, what only the target has stays', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'a' })
    write(target, { b: 'b', 'c/d': 'd' })
    expect(await sync(direction)).toMatchObject({ transferred: 1, deleted: 0 })
    expect(read(target)).toEqual({ a: 'a', b: 'b', 'c/': '', 'c/d': 'd' })
  })

  test('with delete, it goes, links as links', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'a', 'keep/': null })
    write(target, { b: 'b', 'c/d/e': 'e', 'c/.hidden': '', 'keep/f': 'f', 'empty/': null, '*': 'star' })
    const outside = join(ftpd.root, `outside-${count}`)
    write(outside, { precious: 'precious' })
    symlinkSync(outside, join(target, 'c/link'))
    symlinkSync('nowhere', join(target, 'dangling'))
    const { deleted, told } = await sync(direction, { delete: 'extra' })
    expect(told('deleted').sort()).toEqual(
      ['*', 'b', 'c', 'c/.hidden', 'c/d', 'c/d/e', 'c/link', 'dangling', 'empty', 'keep/f'].sort(),
    )
    expect(deleted).toBe(10)
    expect(read(target)).toEqual({ a: 'a', 'keep/': '' })
    expect(read(outside)).toEqual({ precious: 'precious' })
    rmSync(outside, { recursive: true })
  })

  test('if more would be deleted than may be, nothing is, and the rest is done', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'a' })
    write(target, { 'b/c': 'c', d: 'd' })
    const { failures, ...refused } = await sync(direction, { delete: 'extra', maxDelete: 2 })
    expect(refused).toMatchObject({ transferred: 1, deleted: 0, failed: 1 })
    expect(failures[0]).toMatchObject({ code: 'too-many-deletions' })
    expect(read(target)).toEqual({ a: 'a', 'b/': '', 'b/c': 'c', d: 'd' })
    expect(await sync(direction, { delete: 'extra', maxDelete: 3 })).toMatchObject({ deleted: 3, failed: 0 })
  })

  test('a plan changes nothing, and tells what a run then does', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'new', 'x/y': 'y', same: 'same', 'now-a-file': 'f' })
    write(target, { a: 'old!', b: 'b', same: 'same', 'now-a-file/g': 'g' })
    for (const root of [source, target]) utimesSync(join(root, 'same'), 1, 1)
    const before = read(target)
    const options = { delete: 'extra' } as const
    const plan = await sync(direction, { ...options, mode: 'plan' })
    expect(read(target)).toEqual(before)
    const run = await sync(direction, options)
    for (const type of ['transferred', 'folder', 'deleted', 'unchanged', 'failed'] as const) {
      expect(plan.told(type).sort()).toEqual(run.told(type).sort())
    }
    expect(run).toMatchObject({ transferred: 3, unchanged: 1, deleted: 3, failed: 0 })
    expect(read(target)).toEqual(read(source))
  })

  test('a plan does not make the target folder', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'a' })
    expect(await sync(direction, { mode: 'plan' })).toMatchObject({ transferred: 1 })
    expect(existsSync(target)).toBe(false)
  })

  test('what is excluded is neither sent nor deleted, nor is its folder', async () => {
    const [source, target] = trees(direction)
    write(source, { 'a.o': 'o', 'a.c': 'c', 'build/x': 'x', 'src/b.o': 'o' })
    write(target, { 'old.o': 'o', 'old.c': 'c', 'build/y': 'y', 'gone/z.o': 'o', 'gone/z.c': 'c' })
    const filters = [
      { type: 'exclude', pattern: '*.o' },
      { type: 'exclude', pattern: 'build/' },
    ] as const
    expect(await sync(direction, { filters, delete: 'extra' })).toMatchObject({ transferred: 1, deleted: 2 })
    expect(read(target)).toEqual({
      'a.c': 'c',
      'build/': '',
      'build/y': 'y',
      'gone/': '',
      'gone/z.o': 'o',
      'old.o': 'o',
      'src/': '',
    })
  })

  test('only what is included is sent, with the folders on the way', async () => {
    const [source, target] = trees(direction)
    write(source, { 'a/b/1.ts': '1', 'a/2.js': '2', 'c/3.js': '3', '4.ts': '4' })
    const filters = [
      { type: 'include', pattern: '*.ts' },
      { type: 'exclude', pattern: '*' },
    ] as const
    await sync(direction, { filters })
    expect(read(target)).toEqual({ '4.ts': '4', 'a/': '', 'a/b/': '', 'a/b/1.ts': '1' })
  })

  test('a file in the way of a folder, and a folder in the way of a file, are failures', async () => {
    const [source, target] = trees(direction)
    write(source, { 'a/x': 'x', b: 'b', c: 'c' })
    write(target, { a: 'file', 'b/precious': 'precious' })
    const { failures, ...result } = await sync(direction)
    expect(result).toMatchObject({ transferred: 1, failed: 2 })
    expect(failures.map(({ code }) => code)).toEqual(
      direction === 'up' ? ['exists', 'exists'] : ['local-exists', 'local-exists'],
    )
    expect(read(target)).toEqual({ a: 'file', 'b/': '', 'b/precious': 'precious', c: 'c' })
  })

  test('with delete, they are replaced, unless something excluded is in the folder', async () => {
    const [source, target] = trees(direction)
    write(source, { 'a/x': 'x', b: 'b', c: 'c' })
    write(target, { a: 'file', 'b/1': '1', 'c/keep.o': 'o', 'c/2': '2' })
    const filters = [{ type: 'exclude', pattern: '*.o' }] as const
    const { failures, told } = await sync(direction, { delete: 'extra', filters })
    expect(failures).toHaveLength(1)
    expect(told('failed')).toEqual(['c'])
    expect(read(target)).toEqual({ 'a/': '', 'a/x': 'x', b: 'b', 'c/': '', 'c/keep.o': 'o' })
  })

  test('links in the source are followed inside the tree; others are left out, and their names not deleted', async () => {
    const [source, target] = trees(direction)
    write(source, { 'd/a': 'a', 'd/e/': '' })
    symlinkSync('d/a', join(source, 'file'))
    symlinkSync('d', join(source, 'folder'))
    symlinkSync('..', join(source, 'd/e/circle'))
    symlinkSync('nowhere', join(source, 'dangling'))
    symlinkSync('/etc/passwd', join(source, 'outside'))
    write(target, { 'outside/x': 'x', old: 'old' })
    const { told, ...result } = await sync(direction, { delete: 'extra' })
    expect(result).toMatchObject({ files: 3, transferred: 3, deleted: 1, failed: 0 })
    expect(told('left-out').sort()).toEqual(['d/e/circle', 'dangling', 'folder/e/circle', 'outside'])
    expect(read(target)).toEqual({
      'd/': '',
      'd/a': 'a',
      'd/e/': '',
      file: 'a',
      'folder/': '',
      'folder/a': 'a',
      'folder/e/': '',
      'outside/': '',
      'outside/x': 'x',
    })
    expect(await sync(direction, { delete: 'extra' })).toMatchObject({
      unchanged: 3,
      transferred: 0,
      deleted: 0,
    })
  })

  test('pipes in the source are left out', async () => {
    const [source] = trees(direction)
    write(source, { a: 'a' })
    execFileSync('mkfifo', [join(source, 'pipe')])
    const { told, ...result } = await sync(direction)
    expect(result).toMatchObject({ transferred: 1, failed: 0 })
    expect(told('left-out')).toEqual(['pipe'])
  })

  test('a missing source is an error, and nothing is deleted', async () => {
    const [, target] = trees(direction)
    write(target, { a: 'a' })
    const code = direction === 'up' ? 'local-not-found' : 'not-found'
    await expect(sync(direction, { delete: 'extra' })).rejects.toMatchObject({ code })
    expect(read(target)).toEqual({ a: 'a' })
  })

  test('a source that is a file is an error', async () => {
    const [source] = trees(direction)
    writeFileSync(source, 'a file')
    const code = direction === 'up' ? 'local-not-a-directory' : 'not-a-directory'
    await expect(sync(direction)).rejects.toMatchObject({ code })
  })

  describe('if a file in the target differs', () => {
    beforeEach(() => {
      const [source, target] = trees(direction)
      write(source, { newer: 'newer', older: 'older', same: 'same', missing: 'missing' })
      write(target, { newer: 'n', older: 'o', same: 'same' })
      for (const [root, name, time] of [
        [source, 'newer', 2_000_000_000],
        [target, 'newer', 1_000_000_000],
        [source, 'older', 1_000_000_000],
        [target, 'older', 2_000_000_000],
        [source, 'same', 1_000_000_000],
        [target, 'same', 1_000_000_000],
      ] as const) {
        utimesSync(join(root, name), time, time)
      }
    })

    test.each([
      ['overwrite', { transferred: 3, unchanged: 1 }, { newer: 'newer', older: 'older' }],
      ['resume', { transferred: 3, unchanged: 1 }, { newer: 'newer', older: 'older' }],
      ['skip', { transferred: 1, unchanged: 1, skipped: 2 }, { newer: 'n', older: 'o' }],
      ['newer', { transferred: 2, unchanged: 1, skipped: 1 }, { newer: 'newer', older: 'o' }],
      ['fail', { transferred: 1, unchanged: 1, failed: 2 }, { newer: 'n', older: 'o' }],
      [
        'rename',
        { transferred: 3, unchanged: 1 },
        { newer: 'n', older: 'o', 'newer.new': 'newer', 'older.new': 'older' },
      ],
    ] as const)('%s', async (onExists, counts, files) => {
      const [, target] = trees(direction)
      expect(await sync(direction, { onExists })).toMatchObject(counts)
      expect(read(target)).toEqual({ ...files, same: 'same', missing: 'missing' })
    })

    test('rename and delete exclude each other', async () => {
      await expect(sync(direction, { onExists: 'rename', delete: 'extra' })).rejects.toMatchObject({
        code: 'usage',
      })
    })

    test('files of the same size are equal if only sizes are compared', async () => {
      const [source, target] = trees(direction)
      write(source, { same: 'SAME' })
      expect(await sync(direction, { comparison: 'size' })).toMatchObject({ unchanged: 1, transferred: 3 })
      expect(readFileSync(join(target, 'same'), 'utf8')).toBe('same')
    })

    test('only files that were changed later than a time are sent, and older ones are not deleted', async () => {
      const options = { newerThan: 1_500_000_000_000, delete: 'extra' } as const
      const [, target] = trees(direction)
      expect(await sync(direction, options)).toMatchObject({ transferred: 2, skipped: 2, deleted: 0 })
      expect(read(target)).toEqual({ newer: 'newer', older: 'o', same: 'same', missing: 'missing' })
    })
  })

  test('by digest, equal files are unchanged whatever their times, and others are sent', async () => {
    const [source, target] = trees(direction)
    write(source, { same: 'same', hidden: 'a', size: 'size', empty: '', big: 'x'.repeat(3_000_000) })
    write(target, { same: 'same', hidden: 'b', size: 's', empty: '', big: `${'x'.repeat(2_999_999)}y` })
    for (const root of [source, target]) utimesSync(join(root, 'hidden'), 1, 1)
    for (const name of ['same', 'empty']) utimesSync(join(target, name), 1, 1)
    const { told, ...result } = await sync(direction, { comparison: 'digest', digest: 'sha256' })
    expect(result).toMatchObject({ transferred: 3, unchanged: 2, failed: 0 })
    expect(told('unchanged').sort()).toEqual(['empty', 'same'])
    expect(read(target)).toEqual(read(source))
  })

  test('only as many connections are made as have something to do', async () => {
    const [source] = trees(direction)
    write(source, { one: '1', two: '2' })
    await using proxy = await FaultyProxy.start(ftpd.place)
    await using other = await connect(`jftp://127.0.0.1:${proxy.port}/`)
    const roots = { local: here, remote: `/there-${count}`, direction }
    expect(await other.sync(roots, { connections: 64, mode: 'plan' })).toMatchObject({ transferred: 2 })
    expect(proxy.accepted).toBe(1)
    expect(await other.sync(roots, { connections: 64 })).toMatchObject({ transferred: 2, failed: 0 })
    expect(proxy.accepted).toBeLessThanOrEqual(2)
    const before = proxy.accepted
    expect(await other.sync(roots, { connections: 64 })).toMatchObject({ unchanged: 2 })
    expect(proxy.accepted).toBe(before)
  })

  test('several connections share the files', async () => {
    const [source, target] = trees(direction)
    const files: Record<string, string> = {}
    for (let index = 0; index < 100; index++) files[`d${index % 9}/f${index}`] = 'x'.repeat(index * 100)
    write(source, files)
    expect(await sync(direction, { connections: 3 })).toMatchObject({ transferred: 100, failed: 0 })
    expect(read(target)).toEqual(read(source))
  })

  test('a large file that is equal but for its time is not sent again, and gets the time', async () => {
    const [source, target] = trees(direction)
    write(source, { big: 'x'.repeat(5_000_000) })
    write(target, { big: 'x'.repeat(5_000_000) })
    utimesSync(join(source, 'big'), 1_700_000_000.1235, 1_700_000_000.1235)
    const { events } = await sync(direction)
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'transferred',
        result: expect.objectContaining({ status: 'unchanged' }),
      }),
    )
    expect(Math.floor(statSync(join(target, 'big')).mtimeMs)).toBe(1_700_000_000_123)
    expect(await sync(direction)).toMatchObject({ transferred: 0, unchanged: 1 })
  })

  test('a large file that was cut goes on', async () => {
    const [source, target] = trees(direction)
    const content = 'x'.repeat(40_000_000)
    write(source, { big: content })
    const controller = new AbortController()
    const cut = client.sync(
      { local: here, remote: `/there-${count}`, direction },
      {
        signal: controller.signal,
        onProgress: (_place, { bytes }) => {
          if (bytes > 20_000_000) controller.abort()
        },
      },
    )
    await expect(cut).rejects.toMatchObject({ code: 'cancelled' })
    expect(existsSync(join(target, 'big'))).toBe(false)
    const { events } = await sync(direction, { delete: 'extra' })
    const done = events.find((event) => event.type === 'transferred')
    expect(done).toMatchObject({ result: { resumedFrom: expect.any(Number), bytes: content.length } })
    expect(done?.type === 'transferred' && done.result?.resumedFrom).toBeGreaterThan(1_000_000)
    expect(read(target)).toEqual({ big: content })
  })

  test('what unfinished transfers leave is not part of a tree', async () => {
    const [source, target] = trees(direction)
    write(source, { a: 'a', 'd/.jftp-x.part': 'half' })
    write(target, { '.jftp-y.part': 'half' })
    await sync(direction, { delete: 'extra' })
    expect(read(target)).toEqual({ '.jftp-y.part': 'half', a: 'a', 'd/': '' })
  })
})

test('nothing that a link in the target leads to is written or deleted', async () => {
  const outside = join(ftpd.local, `outside-${count}`)
  write(outside, { x: 'precious', y: 'precious' })
  write(here, {})
  write(there, { 'dir/x': 'new', file: 'new' })
  symlinkSync(outside, join(here, 'dir'))
  symlinkSync(join(outside, 'x'), join(here, 'file'))
  expect(await sync('down')).toMatchObject({ transferred: 0, failed: 2 })
  expect(await sync('down', { delete: 'extra' })).toMatchObject({ transferred: 2, deleted: 2, failed: 0 })
  expect(read(outside)).toEqual({ x: 'precious', y: 'precious' })
  expect(read(here)).toEqual({ 'dir/': '', 'dir/x': 'new', file: 'new' })
  rmSync(outside, { recursive: true })
})

test('a local folder that is replaced by a link after the comparison leads no deletion out', async () => {
  const outside = join(ftpd.local, `outside-${count}`)
  write(outside, { x: 'precious' })
  write(here, { 'd/x': 'old' })
  write(there, { a: 'a' })
  const { failures, deleted } = await client.sync(
    { local: here, remote: `/there-${count}`, direction: 'down' },
    {
      delete: 'extra',
      onEvent: ({ type }) => {
        if (type !== 'compared') return
        rmSync(join(here, 'd'), { recursive: true })
        symlinkSync(outside, join(here, 'd'))
      },
    },
  )
  expect(deleted).toBe(0)
  expect(failures.map(({ code }) => code)).toContain('changed')
  expect(read(outside)).toEqual({ x: 'precious' })
  rmSync(outside, { recursive: true })
})

test('a cancelled sync ends, and the next one goes on where it was', async () => {
  const files: Record<string, string> = {}
  for (let index = 0; index < 400; index++) files[`f${index}`] = `${index}`
  write(here, files)
  const controller = new AbortController()
  let sent = 0
  const cut = client.sync(
    { local: here, remote: `/there-${count}`, direction: 'up' },
    {
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'transferred' && ++sent === 100) controller.abort()
      },
    },
  )
  await expect(cut).rejects.toMatchObject({ code: 'cancelled' })
  const { transferred, unchanged } = await sync('up')
  expect(transferred + unchanged).toBe(400)
  expect(unchanged).toBeGreaterThanOrEqual(100)
  expect(read(there)).toEqual(read(here))
})

describe('a hostile server', () => {
  const found = (path: string, type = 'file') => `${JSON.stringify({ path, type, size: 1, mtime: 0 })}\n`
  const answers = (lines: string): Record<string, Answer> => {
    const digest = { alg: 'md5', hex: createHash('md5').update(lines).digest('hex') }
    return {
      find: (id) => [
        ack(id, { path: '/t', type: 'directory' }),
        data(id, lines),
        end(id, { size: Buffer.byteLength(lines), digest }),
      ],
      get: (id) => [
        ack(id, { path: '/t/x', size: 1, mtime: 0, mode: 0o644 }),
        data(id, 'x'),
        end(id, { size: 1, digest: { alg: 'md5', hex: createHash('md5').update('x').digest('hex') } }),
      ],
    }
  }

  async function fetchFrom(lines: string, options: SyncOptions) {
    await using server = await HostileServer.start(answers(lines))
    await using victim = await connect(server.url, { timeout: 5000 })
    return await victim.sync({ local: here, remote: '/t', direction: 'down' }, options)
  }

  test.each(['../x', '/x', 'a/../../x', '.', 'a//b', 'a\0b'])('names %j, and gets nowhere', async (path) => {
    write(here, { own: 'own' })
    const cut = fetchFrom(found('a', 'directory') + found(path), { delete: 'extra' })
    await expect(cut).rejects.toMatchObject({ code: 'protocol-error' })
    expect(read(here)).toEqual({ own: 'own' })
  })

  test.each([
    ['without the folder', found('link/x')],
    ['with a file for the folder', found('link') + found('link/x')],
    ['with a link for the folder', found('link', 'link') + found('link/x')],
    ['as a folder', found('link', 'directory') + found('link/x')],
    ['twice', found('link') + found('link', 'directory') + found('link/x')],
  ])('names something behind a local link, %s, and reaches nothing', async (_how, lines) => {
    const outside = join(ftpd.local, `outside-${count}`)
    for (const options of [{}, { delete: 'extra' }] as const) {
      write(here, {})
      write(outside, { x: 'precious', y: 'precious' })
      symlinkSync(outside, join(here, 'link'))
      await fetchFrom(lines, options)
      expect(read(outside)).toEqual({ x: 'precious', y: 'precious' })
      rmSync(here, { recursive: true })
    }
    rmSync(outside, { recursive: true })
  })
})

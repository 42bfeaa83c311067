import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, FtpError, type GetTreeOptions, type TreeEvent } from '@jftp/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'

/** Everything that a download may touch is in `target`; `folder` holds it and what must not change. */
let folder: string
let target: string
let outside: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-hostile-tree-'))
  target = join(folder, 'target')
  outside = join(folder, 'outside')
  mkdirSync(outside)
})
// rmSync calls itself for each level, and has no room for the deepest tree of these tests.
afterEach(() => execFileSync('rm', ['-rf', folder]))

const digestOf = (text: string) => ({ alg: 'md5', hex: createHash('md5').update(text).digest('hex') })

/** Every file that the server has holds this. */
const CONTENT = 'evil'
const get: Answer = (id, { path }) => [
  ack(id, { path, size: CONTENT.length, mtime: 0, mode: 0o644 }),
  data(id, CONTENT),
  end(id, { size: CONTENT.length, digest: digestOf(CONTENT) }),
]

const file = (path: string) => ({ path, type: 'file', size: CONTENT.length, mtime: 0, mode: 0o644 })
const directory = (path: string) => ({ path, type: 'directory', size: 0, mtime: 0, mode: 0o755 })
const link = (path: string, to: string) => ({
  path,
  type: 'link',
  size: 0,
  mtime: 0,
  mode: 0o777,
  target: to,
})

/** A frame holds 1 MiB at most. */
function piecesOf(body: string): string[] {
  return body.match(/[^]{1,1000000}/g) ?? []
}

/** Fetches a tree of which the server lists these entries. */
async function fetch(entries: object[], options: GetTreeOptions = {}): Promise<TreeEvent[]> {
  const body = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
  const find: Answer = (id, { path }) => [
    ack(id, { path, type: 'directory' }),
    ...piecesOf(body).map((piece) => data(id, piece)),
    end(id, { size: Buffer.byteLength(body), digest: digestOf(body) }),
  ]
  await using server = await HostileServer.start({ find, get })
  await using client = await connect(server.url)
  const events: TreeEvent[] = []
  const onEvent = (event: TreeEvent) => void events.push(event)
  await client.getTrees([{ remote: '/r', local: target }], { ...options, onEvent })
  return events
}

/** Nothing outside the target was made or changed. */
function expectNothingOutside(): void {
  expect(readdirSync(outside)).toEqual([])
  expect(readdirSync(folder).filter((name) => name !== 'target' && name !== 'outside')).toEqual([])
}

describe('no name that a server lists leads out of the target folder', () => {
  test.each([
    '../outside/x',
    '..',
    '../x',
    'a/../../x',
    'a/..',
    '/etc/x',
    '//x',
    'a//x',
    './x',
    'x/',
    'x\0y',
    '',
  ])('%j', async (path) => {
    await expect(fetch([directory('a'), file(path)])).rejects.toMatchObject({ code: 'protocol-error' })
    expectNothingOutside()
  })

  test.each(['a\\..\\b', '..\\outside', '...', 'C:x', 'con'])(
    '%j is a name like any other, or refused',
    async (path) => {
      await fetch([file(path)])
      expectNothingOutside()
      for (const name of readdirSync(target)) expect(name).toBe(path)
    },
  )

  test('a folder that was never listed holds nothing', async () => {
    await expect(fetch([file('never/listed')])).rejects.toMatchObject({ code: 'protocol-error' })
    await expect(fetch([directory('a'), file('b'), file('a/late/x')])).rejects.toMatchObject({
      code: 'protocol-error',
    })
    expect(existsSync(join(target, 'never'))).toBe(false)
  })

  test('a folder that was left is not entered again', async () => {
    await expect(fetch([directory('a'), directory('b'), file('b/x'), file('a/x')])).rejects.toMatchObject({
      code: 'protocol-error',
    })
  })
})

describe.each(['follow', 'keep'] as const)('no link leads out of the target folder (links: %s)', (links) => {
  test('one that was there before, under the name of a folder', async () => {
    mkdirSync(target)
    symlinkSync(outside, join(target, 'a'))
    const events = await fetch([directory('a'), file('a/x'), directory('a/b'), file('a/b/x'), file('y')], {
      links,
    })
    expectNothingOutside()
    expect(events.filter((event) => event.type === 'failed')).toMatchObject([
      { error: { code: 'local-exists', path: join(target, 'a') } },
    ])
    expect(readFileSync(join(target, 'y'), 'utf8')).toBe(CONTENT)
  })

  test('one that was there before, under the name of a file', async () => {
    mkdirSync(target)
    symlinkSync(join(outside, 'x'), join(target, 'x'))
    await fetch([file('x')], { links })
    expectNothingOutside()
    expect(lstatSync(join(target, 'x')).isFile()).toBe(true)
  })

  test('one that the server lists, and then a folder or a file of the same name', async () => {
    const events = await fetch([link('a', outside), directory('a'), file('a/x')], { links })
    expectNothingOutside()
    expect(events.some(({ type }) => type === 'failed')).toBe(links === 'keep')
    await fetch([link('b', join(outside, 'x')), file('b')], { links })
    expectNothingOutside()
    expect(readFileSync(join(target, 'b'), 'utf8')).toBe(CONTENT)
  })

  test('one that the server lists under the name of a folder it listed before', async () => {
    const entries = [
      directory('a'),
      file('a/x'),
      link('a', outside),
      file('a/y'),
      directory('a'),
      file('a/z'),
    ]
    await fetch(entries, { links }).catch(() => {})
    expectNothingOutside()
    expect(lstatSync(join(target, 'a')).isDirectory()).toBe(true)
  })

  test('one that the server lists, and then something in it', async () => {
    await expect(fetch([link('a', outside), file('a/x')], { links })).rejects.toMatchObject({
      code: 'protocol-error',
    })
    expectNothingOutside()
  })

  test('one in a folder, and a name that goes through it', async () => {
    await fetch([directory('a'), link('a/l', outside), directory('a/l'), file('a/l/x')], { links })
    expectNothingOutside()
  })

  test('one whose text is no path', async () => {
    await fetch([link('a', ''), link('b', 'x\0y'), file('c')], { links })
    expectNothingOutside()
    expect(readFileSync(join(target, 'c'), 'utf8')).toBe(CONTENT)
  })
})

test('a file and a folder of one name, in any order, do no harm', async () => {
  await fetch([file('a'), directory('a'), file('a/x')])
  await fetch([directory('b'), file('b/x'), file('b')])
  expectNothingOutside()
  expect(lstatSync(join(target, 'b')).isDirectory()).toBe(true)
})

test('a name twice, and names that differ in case only, are files that are whole', async () => {
  const events = await fetch([file('a'), file('a'), file('A'), directory('b'), directory('b'), file('b/x')])
  expect(events.filter(({ type }) => type === 'failed')).toEqual([])
  for (const name of ['a', 'A', 'b/x']) expect(readFileSync(join(target, name), 'utf8')).toBe(CONTENT)
  expectNothingOutside()
})

test('names that no file system takes fail by themselves', async () => {
  const long = 'x'.repeat(300)
  const events = await fetch([file(long), directory(`${long}y`), file(`${long}y/z`), file('good')])
  const failed = events.flatMap((event) => (event.type === 'failed' ? [event.error.code] : []))
  // A remote name may have 255 bytes.
  expect(failed).toEqual(['bad-request', 'local-io'])
  expect(readdirSync(target)).toEqual(['good'])
  expectNothingOutside()
})

test('folders in folders without end are made as deep as a path may be, and what is beside them comes', async () => {
  const depths = Array.from({ length: 3000 }, (_, depth) =>
    directory(
      Array(depth + 1)
        .fill('d')
        .join('/'),
    ),
  )
  const events = await fetch([...depths, file('good')])
  const failed = events.flatMap((event) => (event.type === 'failed' ? [event.error.code] : []))
  expect(new Set(failed)).toEqual(new Set(['local-io']))
  expect(failed.length).toBeLessThan(3000)
  expect(readFileSync(join(target, 'good'), 'utf8')).toBe(CONTENT)
  expectNothingOutside()
})

test('sizes in a listing that lie change nothing about the files', async () => {
  const sizes = [0, 1, Number.MAX_SAFE_INTEGER]
  const events = await fetch(sizes.map((size, n) => ({ ...file(`f${n}`), size })))
  expect(events.filter(({ type }) => type === 'ended')).toHaveLength(sizes.length)
  for (const n of sizes.keys()) expect(readFileSync(join(target, `f${n}`), 'utf8')).toBe(CONTENT)
})

test.each([Number.MAX_SAFE_INTEGER, 8.64e15, -1, 1e300, 0.5])(
  'a time of %d is set as well as it can be, or refused',
  async (mtime) => {
    const answer: Answer = (id, args) => [
      ack(id, { path: args['path'], size: CONTENT.length, mtime, mode: 0o644 }),
      data(id, CONTENT),
      end(id, { size: CONTENT.length, digest: digestOf(CONTENT) }),
    ]
    const body = [{ ...directory('a'), mtime }, file('a/x')]
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join('')
    const find: Answer = (id, { path }) => [
      ack(id, { path, type: 'directory' }),
      data(id, body),
      end(id, { size: body.length, digest: digestOf(body) }),
    ]
    const stat: Answer = (id, { path }) => [
      ack(id, { path, entry: { ...directory('r'), name: 'r', path: undefined } }),
    ]
    await using server = await HostileServer.start({ find, get: answer, stat })
    await using client = await connect(server.url)
    const outcome = await client
      .getTrees([{ remote: '/r', local: target }], { preserve: 'times-and-mode' })
      .catch((error: unknown) => error)
    if (outcome instanceof FtpError) expect(outcome.code).toBe('protocol-error')
    else expect(readFileSync(join(target, 'a', 'x'), 'utf8')).toBe(CONTENT)
    expectNothingOutside()
  },
)

test('a listing that never ends can be stopped, and what has come is whole', async () => {
  const page = (first: number) =>
    Array.from({ length: 500 }, (_, n) => `${JSON.stringify(file(`f${first + n}`))}\n`).join('')
  const find: Answer = (id, { path }) => [
    ack(id, { path, type: 'directory' }),
    ...Array.from({ length: 20 }, (_, n) => data(id, page(n * 500))),
  ]
  await using server = await HostileServer.start({ find, get })
  await using client = await connect(server.url)
  const controller = new AbortController()
  let ended = 0
  const run = client.getTrees([{ remote: '/r', local: target }], {
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'ended' && ++ended === 2000) controller.abort()
    },
  })
  await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  for (const name of readdirSync(target)) expect(readFileSync(join(target, name), 'utf8')).toBe(CONTENT)
  expectNothingOutside()
})

test('a tree of another kind than asked for, or none, is no tree', async () => {
  const find: Answer = (id) => [
    ack(id, { path: '/r', type: 'file' }),
    end(id, { size: 0, digest: digestOf('') }),
  ]
  await using server = await HostileServer.start({ find, get })
  await using client = await connect(server.url)
  expect(await client.getTrees([{ remote: '/r', local: target }])).toMatchObject({ received: 0 })
  expectNothingOutside()
})

test('a server that breaks the protocol in the middle ends the whole run, and nothing is left half', async () => {
  const bad: Answer = (id, { path }) => [
    ack(id, { path, size: 100, mtime: 0 }),
    data(id, 'x'),
    Buffer.from('not a frame at all'),
  ]
  const body = [file('a'), file('b')].map((entry) => `${JSON.stringify(entry)}\n`).join('')
  const find: Answer = (id, { path }) => [
    ack(id, { path, type: 'directory' }),
    data(id, body),
    end(id, { size: body.length, digest: digestOf(body) }),
  ]
  await using server = await HostileServer.start({ find, get: bad })
  await using client = await connect(server.url)
  await expect(client.getTrees([{ remote: '/r', local: target }])).rejects.toMatchObject({
    code: 'protocol-error',
  })
  expect(readdirSync(target)).toEqual([])
})

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type GetTreeOptions, type PutTreeOptions, type TreeEvent } from '@jftp/client'
import { beforeEach, describe, expect, test } from 'vitest'
import { client, connectOnce, ftpd } from './connected-client.js'

connectOnce()

let number = 0
/** Fresh names for one test: a remote and a local tree. */
let remote: string
let local: string
beforeEach(() => {
  remote = `/remote-${++number}`
  local = join(ftpd.local, `local-${number}`)
})

const served = (...path: string[]) => join(ftpd.root, remote, ...path)

/** Writes files; a path that ends in a slash is a folder. */
function fill(folder: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    const whole = join(folder, path)
    mkdirSync(path.endsWith('/') ? whole : join(whole, '..'), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(whole, content)
  }
}

/** What a folder holds, to compare two of them. Links are not followed. */
function contentOf(folder: string, below = ''): Record<string, string> {
  const content: Record<string, string> = {}
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) Object.assign(content, { [`${path}/`]: '' }, contentOf(folder, path))
    else if (entry.isSymbolicLink()) content[path] = `-> ${readlinkSync(join(folder, path))}`
    else content[path] = readFileSync(join(folder, path), 'utf8')
  }
  return content
}

const put = (options: PutTreeOptions = {}) => client.putTrees([{ local, remote }], options)
const get = (options: GetTreeOptions = {}) => client.getTrees([{ local, remote }], options)

async function eventsOf(
  run: (options: { onEvent: (event: TreeEvent) => void }) => Promise<unknown>,
): Promise<TreeEvent[]> {
  const events: TreeEvent[] = []
  await run({ onEvent: (event) => void events.push(event) })
  return events
}

const tree = {
  'a.txt': 'a',
  'sub/b.txt': 'b',
  'sub/deep/er/c.txt': 'c',
  'sub/a name with spaces é': 'd',
  'empty/in/': '',
}
const whole = { ...tree, 'sub/': '', 'sub/deep/': '', 'sub/deep/er/': '', 'empty/': '' }

describe.each([1, 3])('a tree over %d connections', (connections) => {
  test('goes up, with its empty folders', async () => {
    fill(local, tree)
    expect(await put({ connections })).toMatchObject({
      sent: 4,
      received: 0,
      skipped: 0,
      failed: 0,
      bytes: 4,
    })
    expect(contentOf(served())).toEqual(whole)
  })

  test('comes down, with its empty folders', async () => {
    fill(served(), tree)
    expect(await get({ connections })).toMatchObject({
      sent: 0,
      received: 4,
      skipped: 0,
      failed: 0,
      bytes: 4,
    })
    expect(contentOf(local)).toEqual(whole)
  })

  test('of many small and some large files is the same on both sides', async () => {
    const files: Record<string, string> = {}
    for (let index = 0; index < 700; index++)
      files[`d${index % 9}/f${index}`] = String(index).repeat(index % 50)
    for (let index = 0; index < 5; index++) files[`large/f${index}`] = String(index).repeat(5_000_000)
    fill(local, files)
    expect(await put({ connections })).toMatchObject({ sent: 705, failed: 0 })
    const up = local
    local = `${local}-back`
    expect(await get({ connections })).toMatchObject({ received: 705, failed: 0 })
    execFileSync('diff', ['-r', up, local])
  })
})

describe('a tree', () => {
  test('may be a single file, and several may go at once', async () => {
    fill(ftpd.local, { 'one-file': 'x', 'some/f': 'y' })
    const pairs = [
      { local: join(ftpd.local, 'one-file'), remote: `${remote}/new/one` },
      { local: join(ftpd.local, 'some'), remote: `${remote}/some` },
    ]
    expect(await client.putTrees(pairs)).toMatchObject({ sent: 2 })
    expect(contentOf(served())).toEqual({ 'new/': '', 'new/one': 'x', 'some/': '', 'some/f': 'y' })
    expect(
      await client.getTrees([{ remote: `${remote}/new/one`, local: join(ftpd.local, 'back') }]),
    ).toMatchObject({ received: 1 })
    expect(readFileSync(join(ftpd.local, 'back'), 'utf8')).toBe('x')
  })

  test('tells what happens: what it finds, begins and ends', async () => {
    fill(local, { x: 'abc', 'y/z': '' })
    const events = await eventsOf(put)
    const types = events.map(({ type }) => type)
    expect(types.filter((type) => type === 'found')).toHaveLength(2)
    expect(types.filter((type) => type === 'walked')).toHaveLength(1)
    const ended = events.filter((event) => event.type === 'ended')
    expect(
      ended.map(({ file, result }) => [file.path, file.local, file.size, result.status]).toSorted(),
    ).toEqual([
      [`${remote}/x`, join(local, 'x'), 3, 'sent'],
      [`${remote}/y/z`, join(local, 'y/z'), 0, 'sent'],
    ])
  })

  test('takes only what is selected, and does not walk what is not', async () => {
    fill(local, { 'a.ts': '', 'b.js': '', 'out/c.ts': '', 'in/d.ts': '', 'in/e.js': '' })
    const select: PutTreeOptions['select'] = ({ path, type }) =>
      type === 'directory' ? path !== 'out' : path.endsWith('.ts')
    await put({ select })
    expect(contentOf(served())).toEqual({ 'a.ts': '', 'in/': '', 'in/d.ts': '' })
    rmSync(served(), { recursive: true })
    fill(served(), contentOf(local))
    local = `${local}-back`
    await get({ select })
    expect(contentOf(local)).toEqual({ 'a.ts': '', 'in/': '', 'in/d.ts': '' })
  })

  test('goes on after a file that fails, and tells which one', async () => {
    fill(local, { a: '1', b: '2', c: '3' })
    fill(served(), { 'b/in': 'a folder has the name' })
    const events = await eventsOf(put)
    expect(events.filter((event) => event.type === 'failed')).toMatchObject([
      { file: { path: `${remote}/b` }, error: { code: 'is-a-directory', path: `${remote}/b` } },
    ])
    expect(contentOf(served())).toMatchObject({ a: '1', c: '3' })
  })

  test('that is missing fails and does not stop the others', async () => {
    fill(ftpd.local, { there: 'x' })
    const pairs = [
      { local: join(ftpd.local, 'missing'), remote: `${remote}/missing` },
      { local: join(ftpd.local, 'there'), remote: `${remote}/there` },
    ]
    expect(await client.putTrees(pairs)).toMatchObject({ sent: 1, failed: 1 })
    expect(await get()).toMatchObject({ received: 1, failed: 0 })
    remote = '/missing'
    expect(await get()).toMatchObject({ received: 0, failed: 1 })
  })

  test('into a file that has the name of a folder fails for what is in it', async () => {
    fill(served(), { 'a/x': '1', 'b/y': '2' })
    fill(local, { a: 'a file' })
    const events = await eventsOf(get)
    expect(events.filter((event) => event.type === 'failed')).toMatchObject([
      { error: { code: 'local-exists', path: join(local, 'a') } },
    ])
    expect(contentOf(local)).toEqual({ a: 'a file', 'b/': '', 'b/y': '2' })
  })

  test('is stopped by its signal, and the connection stays usable', async () => {
    const files = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`f${index}`, 'x']))
    fill(local, files)
    const stop = new AbortController()
    const onEvent = ({ type }: TreeEvent) => {
      if (type === 'ended') stop.abort()
    }
    await expect(put({ signal: stop.signal, onEvent })).rejects.toMatchObject({ code: 'cancelled' })
    expect((await client.stat('/')).type).toBe('directory')
    fill(served(), files)
    const again = new AbortController()
    local = `${local}-back`
    await expect(
      get({
        signal: again.signal,
        connections: 2,
        onEvent: ({ type }) => {
          if (type === 'ended') again.abort()
        },
      }),
    ).rejects.toMatchObject({ code: 'cancelled' })
    expect(readdirSync(local).filter((name) => name.startsWith('.jftp'))).toEqual([])
    expect((await client.stat('/')).type).toBe('directory')
  })

  test('is stopped in the middle of a walk that finds nothing', async () => {
    fill(local, Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, ''])))
    const stop = new AbortController()
    const events: TreeEvent[] = []
    let looked = 0
    const select = () => {
      looked++
      stop.abort(new Error('enough'))
      // A walk lets other work go on only now and then.
      for (const end = performance.now() + 2; performance.now() < end; );
      return false
    }
    await expect(
      put({ signal: stop.signal, select, onEvent: (event) => void events.push(event) }),
    ).rejects.toMatchObject({ code: 'cancelled' })
    expect(looked).toBeLessThan(100)
    expect(events).toEqual([])
  })

  test.each(['found', 'began', 'progress', 'ended', 'walked'])(
    'that a listener does not want when it hears of %s ends with its error',
    async (type) => {
      fill(local, { a: 'x', b: 'y' })
      const refuse = (event: TreeEvent) => {
        if (event.type === type) throw new Error('no more')
      }
      const message = expect.stringContaining('no more') as string
      await expect(put({ onEvent: refuse })).rejects.toMatchObject({ message })
      await expect(put({ onEvent: async (event) => refuse(event) })).rejects.toMatchObject({ message })
    },
  )
})

describe('a name that is taken', () => {
  const old = { f: 'old', 'd/g': 'old' }
  const fresh = { f: 'new', 'd/g': 'new', h: 'new' }

  test.each([
    ['overwrite', { f: 'new', 'd/g': 'new', h: 'new' }, { skipped: 0, failed: 0 }],
    ['skip', { f: 'old', 'd/g': 'old', h: 'new' }, { skipped: 2, failed: 0 }],
    ['fail', { f: 'old', 'd/g': 'old', h: 'new' }, { skipped: 0, failed: 2 }],
    ['rename', { ...old, 'f.new': 'new', 'd/g.new': 'new', h: 'new' }, { skipped: 0, failed: 0 }],
  ] as const)('with %s', async (onExists, expected, counts) => {
    fill(served(), old)
    fill(local, fresh)
    expect(await put({ onExists })).toMatchObject(counts)
    expect(contentOf(served())).toEqual({ ...expected, 'd/': '' })
    rmSync(served(), { recursive: true })
    rmSync(local, { recursive: true })
    fill(served(), fresh)
    fill(local, old)
    expect(await get({ onExists })).toMatchObject(counts)
    expect(contentOf(local)).toEqual({ ...expected, 'd/': '' })
  })

  test('with newer is replaced only by what was changed later', async () => {
    const times = (folder: string, seconds: Record<string, number>) => {
      for (const [path, time] of Object.entries(seconds)) utimesSync(join(folder, path), time, time)
    }
    fill(served(), { older: 'old', same: 'old', newer: 'old' })
    fill(local, { older: 'new', same: 'new', newer: 'new', missing: 'new' })
    times(served(), { older: 1000, same: 2000, newer: 3000 })
    times(local, { older: 2000, same: 2000, newer: 2000, missing: 1 })
    expect(await put({ onExists: 'newer' })).toMatchObject({ sent: 2, skipped: 2, failed: 0 })
    expect(contentOf(served())).toEqual({ older: 'new', same: 'old', newer: 'old', missing: 'new' })

    fill(served(), { older: 'remote', same: 'remote', newer: 'remote', only: 'remote' })
    times(served(), { older: 1000, same: 2000, newer: 3000, missing: 1 })
    expect(await get({ onExists: 'newer' })).toMatchObject({ received: 2, skipped: 3, failed: 0 })
    expect(contentOf(local)).toEqual({
      older: 'new',
      same: 'new',
      newer: 'remote',
      missing: 'new',
      only: 'remote',
    })
  })
})

describe('modes and times', () => {
  test('files have their mode; folders here too', async () => {
    fill(served(), { 'bin/run': '', 'private/x': '' })
    chmodSync(served('bin/run'), 0o755)
    chmodSync(served('private'), 0o700)
    await get()
    expect(statSync(join(local, 'bin/run')).mode & 0o777).toBe(0o755)
    expect(statSync(join(local, 'private')).mode & 0o777).toBe(0o700)
    const back = local
    remote = `${remote}-up`
    local = back
    await put()
    expect(statSync(served('bin/run')).mode & 0o777).toBe(0o755)
  })

  test('are those of the original where asked to, also of folders that hold files', async () => {
    fill(served(), { 'a/b/f': 'x', 'c/': '' })
    for (const path of ['a/b/f', 'a/b', 'a', 'c', '']) utimesSync(served(path), 1_000_000_000, 1_000_000_000)
    chmodSync(served('a'), 0o750)
    chmodSync(served('c'), 0o555)
    await get({ preserve: 'times-and-mode', connections: 2 })
    for (const path of ['a/b/f', 'a/b', 'a', 'c', '']) {
      expect(Math.floor(statSync(join(local, path)).mtimeMs), path).toBe(1_000_000_000_000)
    }
    expect(statSync(join(local, 'a')).mode & 0o777).toBe(0o750)
    expect(statSync(join(local, 'c')).mode & 0o777).toBe(0o555)

    remote = `${remote}-up`
    expect(await put({ preserve: 'times-and-mode', connections: 2 })).toMatchObject({ sent: 1, failed: 0 })
    for (const path of ['a/b/f', 'a/b', 'a', 'c', '']) {
      expect(Math.floor(statSync(served(path)).mtimeMs), path).toBe(1_000_000_000_000)
    }
    expect(statSync(served('a')).mode & 0o777).toBe(0o750)
    expect(statSync(served('c')).mode & 0o777).toBe(0o555)
  })
})

describe('links and special files', () => {
  const reasons = (events: TreeEvent[]) =>
    events.flatMap((event) => (event.type === 'left-out' ? [event.path] : [])).toSorted()

  test('of the server are followed inside its root, or left out', async () => {
    fill(served(), { 'real/f': 'x', g: 'y' })
    symlinkSync('real', served('folder'))
    symlinkSync('../g', served('real/file'))
    symlinkSync('/etc/passwd', served('out'))
    symlinkSync('none', served('dangling'))
    symlinkSync('..', served('real/circle'))
    execFileSync('mkfifo', [served('pipe')])
    const events = await eventsOf(get)
    expect(contentOf(local)).toEqual({
      g: 'y',
      'real/': '',
      'real/f': 'x',
      'real/file': 'y',
      'folder/': '',
      'folder/f': 'x',
      'folder/file': 'y',
    })
    expect(reasons(events)).toEqual(
      ['dangling', 'folder/circle', 'out', 'pipe', 'real/circle'].map((name) => `${remote}/${name}`),
    )
  })

  test('of the server are kept where asked to', async () => {
    fill(served(), { 'real/f': 'x' })
    symlinkSync('real', served('folder'))
    symlinkSync('/etc/passwd', served('out'))
    expect(await get({ links: 'keep' })).toMatchObject({ received: 1, failed: 0 })
    const kept = { 'real/': '', 'real/f': 'x', folder: '-> real', out: '-> /etc/passwd' }
    expect(contentOf(local)).toEqual(kept)
    // Once more over what is there already, and over something else.
    rmSync(join(local, 'out'))
    symlinkSync('elsewhere', join(local, 'out'))
    expect(await get({ links: 'keep' })).toMatchObject({ failed: 0 })
    expect(contentOf(local)).toEqual(kept)
    rmSync(join(local, 'out'))
    writeFileSync(join(local, 'out'), 'mine')
    expect(await get({ links: 'keep', onExists: 'fail' })).toMatchObject({ failed: 2 })
    await get({ links: 'keep', onExists: 'skip' })
    expect(readFileSync(join(local, 'out'), 'utf8')).toBe('mine')
    await get({ links: 'keep', onExists: 'rename' })
    expect(contentOf(local)).toMatchObject({ out: 'mine', 'out.new': '-> /etc/passwd' })
  })

  test('here are followed inside the tree, or left out', async () => {
    fill(local, { 'real/f': 'x', g: 'y' })
    fill(ftpd.local, { secret: 's' })
    symlinkSync('real', join(local, 'folder'))
    symlinkSync('../g', join(local, 'real/file'))
    symlinkSync(join(ftpd.local, 'secret'), join(local, 'out'))
    symlinkSync('none', join(local, 'dangling'))
    symlinkSync('..', join(local, 'real/circle'))
    execFileSync('mkfifo', [join(local, 'pipe')])
    const events = await eventsOf(put)
    expect(contentOf(served())).toEqual({
      g: 'y',
      'real/': '',
      'real/f': 'x',
      'real/file': 'y',
      'folder/': '',
      'folder/f': 'x',
      'folder/file': 'y',
    })
    expect(reasons(events)).toEqual(
      ['dangling', 'folder/circle', 'out', 'pipe', 'real/circle'].map((name) => join(local, name)),
    )
  })

  test('a link here that has the name of a file is replaced, and what it leads to stays', async () => {
    fill(served(), { f: 'new' })
    fill(ftpd.local, { [`outside-${number}`]: 'old' })
    mkdirSync(local)
    symlinkSync(join(ftpd.local, `outside-${number}`), join(local, 'f'))
    await get()
    expect(lstatSync(join(local, 'f')).isSymbolicLink()).toBe(false)
    expect(readFileSync(join(local, 'f'), 'utf8')).toBe('new')
    expect(readFileSync(join(ftpd.local, `outside-${number}`), 'utf8')).toBe('old')
  })

  test('a link here that has the name of a folder is not followed', async () => {
    fill(served(), { 'd/f': 'new', 'e/g': 'new' })
    fill(ftpd.local, { [`elsewhere-${number}/`]: '' })
    mkdirSync(local)
    symlinkSync(join(ftpd.local, `elsewhere-${number}`), join(local, 'd'))
    expect(await get()).toMatchObject({ received: 1, failed: 1 })
    expect(readdirSync(join(ftpd.local, `elsewhere-${number}`))).toEqual([])
    expect(existsSync(join(local, 'e/g'))).toBe(true)
  })
})

describe('names that are not UTF-8', () => {
  const raw = Buffer.from([0x62, 0xff, 0x61, 0x64])
  const odd = (folder: string) => Buffer.concat([Buffer.from(`${folder}/`), raw])

  test('are counted as failed and named, on both sides', async () => {
    // The second name is UTF-8, although it looks as the odd one does when that is decoded.
    fill(local, { good: 'x', 'b\ufffdad': 'y' })
    writeFileSync(odd(local), 'x')
    const up = await eventsOf(put)
    expect(up.filter((event) => event.type === 'failed')).toMatchObject([
      { error: { message: expect.stringContaining('b\ufffdad') as string } },
    ])
    mkdirSync(odd(served()))
    writeFileSync(Buffer.concat([odd(served()), Buffer.from('/f')]), 'x')
    local = `${local}-back`
    const down = await eventsOf(get)
    expect(down.filter((event) => event.type === 'failed')).toMatchObject([
      { error: { message: expect.stringContaining('b\ufffdad') as string } },
    ])
    expect(contentOf(local)).toEqual({ good: 'x', 'b\ufffdad': 'y' })
  })
})

test('a put makes the folders that are missing where asked to', async () => {
  await expect(client.put(Buffer.from('x'), `${remote}/a/b`)).rejects.toMatchObject({ code: 'not-found' })
  await client.put(Buffer.from('x'), `${remote}/a/b`, { parents: true })
  await client.put(Buffer.alloc(300_000, 'y'), `${remote}/c/d`, { parents: true })
  expect(contentOf(served())).toMatchObject({ 'a/b': 'x', 'c/d': 'y'.repeat(300_000) })
  await expect(client.put(Buffer.from('x'), `${remote}/a/b/c`, { parents: true })).rejects.toMatchObject({
    code: 'not-a-directory',
  })
})

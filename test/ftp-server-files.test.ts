import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { ftp } from './ftp-process.js'
import { daemon, remote, scratch, serveScratch } from './served-scratch.js'
import { hasTerminal, Terminal } from './terminal.js'

/** Commands that work on files which are on the server, without fetching them. */

const write = (name: string, text: string) => writeFileSync(remote(name), text)

serveScratch()

const run = (...args: string[]) => ftp(args, { cwd: scratch.local, env: { FTP_URL: `${daemon.url}/` } })
const answer = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await run(...args)
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  return stdout
}
const tool = (program: string, ...args: string[]) =>
  execFileSync(program, args, { cwd: scratch.remote, encoding: 'utf8' })

describe('md5, sha256 and hash', () => {
  const names = [
    'plain',
    'two words',
    'new\nline',
    'back\\slash',
    'carriage\rreturn',
    'ünï',
    '-dash',
    'empty',
  ]

  beforeAll(() => {
    mkdirSync(remote('sums'))
    for (const name of names) write(`sums/${name}`, name === 'empty' ? '' : `content of ${name}`)
  })

  test.each([
    ['md5', 'md5sum'],
    ['sha256', 'sha256sum'],
  ])('%s prints what %s prints, also for names that need an escape', async (command, program) => {
    const paths = names.map((name) => `sums/${name}`)
    expect(await answer(command, ...paths)).toBe(tool(program, ...paths))
  })

  test('take patterns, URLs and the digest that --digest names', async () => {
    const line = tool('md5sum', 'sums/plain')
    expect(await answer('md5', 'sums/pla*')).toBe(line)
    expect(await answer('md5', `${daemon.url}/sums/plain`)).toBe(line.replace('sums', '/sums'))
    expect(await answer('hash', 'sums/plain')).toBe(line)
    expect(await answer('hash', '--digest', 'sha256', 'sums/plain')).toBe(tool('sha256sum', 'sums/plain'))
    expect(await run('hash', '--digest', 'none', 'sums/plain')).toMatchObject({ exitCode: 2, stdout: '' })
    expect(await answer('blake3', 'sums/empty')).toBe(
      'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262  sums/empty\n',
    )
    expect(await answer('xxh128', 'sums/empty')).toBe('99aa06d3014798d86001c324468d497f  sums/empty\n')
  })

  test('go on after a file that can’t be read, and end with the code of its cause', async () => {
    const line = tool('md5sum', 'sums/plain')
    expect(await run('md5', 'none', 'sums/plain')).toMatchObject({
      exitCode: 5,
      stdout: line,
      stderr: 'ftp: md5: /none: no such file or folder\n',
    })
    expect(await run('md5', 'none', 'sums', 'sums/plain')).toMatchObject({ exitCode: 1, stdout: line })
    const { events } = await run('md5', '--json', 'none', 'sums/empty')
    expect(events.map(({ event }) => event)).toEqual(['digest', 'error', 'result'])
    expect(events[0]).toMatchObject({
      path: '/sums/empty',
      digest: { alg: 'md5', hex: 'd41d8cd98f00b204e9800998ecf8427e' },
    })
    expect(events[2]).toMatchObject({ exitCode: 5 })
  })

  test('of more files than fit into one request come in order', async () => {
    mkdirSync(remote('many'))
    const paths = Array.from({ length: 1000 }, (_, index) => `many/${index}-${'x'.repeat(100)}`)
    for (const path of paths) write(path, path)
    expect(await answer('md5', ...paths)).toBe(tool('md5sum', ...paths))
  })
})

describe('cp', () => {
  beforeAll(() => {
    mkdirSync(remote('copies'))
    write('copies/a', 'content of a')
    write('copies/b', 'content of b')
    chmodSync(remote('copies/a'), 0o640)
    utimesSync(remote('copies/a'), 1_000_000_000, 1_000_000_000)
  })

  test('copies a file, and replaces nothing unless it is asked to', async () => {
    await answer('cp', 'copies/a', 'copies/c')
    expect(readFileSync(remote('copies/c'), 'utf8')).toBe('content of a')
    const refused = await run('cp', 'copies/b', 'copies/c')
    expect(refused).toMatchObject({ exitCode: 7 })
    expect(refused.stderr).toBe('ftp: cp: /copies/c: the name is taken; cp -f replaces what is there\n')
    expect(readFileSync(remote('copies/c'), 'utf8')).toBe('content of a')
    await answer('copy', '-f', 'copies/b', 'copies/c')
    expect(readFileSync(remote('copies/c'), 'utf8')).toBe('content of b')
    const renamed = await run('cp', '--on-exists', 'rename', 'copies/a', 'copies/c')
    expect(renamed).toMatchObject({ exitCode: 0, stderr: '/copies/a → /copies/c.new\n' })
    const skipped = await run('cp', '--json', '--on-exists', 'skip', 'copies/a', 'copies/c')
    expect(skipped.events[0]).toEqual({
      v: 1,
      event: 'copy',
      from: '/copies/a',
      status: 'skipped',
      path: '/copies/c',
    })
    expect(await run('cp', '--on-exists', 'newer', 'copies/a', 'copies/c')).toMatchObject({ exitCode: 2 })
  })

  test('gives a copy the bits of its original, and with -p its time', async () => {
    await answer('cp', 'copies/a', 'copies/plain')
    expect(statSync(remote('copies/plain')).mode & 0o777).toBe(0o640)
    expect(statSync(remote('copies/plain')).mtimeMs).toBeGreaterThan(1_600_000_000_000)
    chmodSync(remote('copies/a'), 0o666)
    await answer('cp', '-p', 'copies/a', 'copies/kept')
    expect(statSync(remote('copies/kept'))).toMatchObject({ mtimeMs: 1_000_000_000_000 })
    expect(statSync(remote('copies/kept')).mode & 0o777).toBe(0o666)
  })

  test('copies several files into a folder', async () => {
    mkdirSync(remote('copies/folder'))
    await answer('cp', 'copies/a', 'copies/b', 'copies/folder')
    await answer('cp', 'copies/a', 'copies/folder/deep')
    const end = await run('cp', 'copies/a', 'copies/none', 'copies/b', 'copies/folder/')
    expect(end).toMatchObject({ exitCode: 1 })
    expect(await answer('ls', 'copies/folder')).toBe('a\nb\ndeep\n')
    expect(await run('cp', 'copies/folder', 'copies/other')).toMatchObject({ exitCode: 2 })
    expect(await run('cp', 'copies/a', 'none/a')).toMatchObject({ exitCode: 5 })
    expect(await run('cp', 'copies/a')).toMatchObject({ exitCode: 2 })
  })
})

describe('cp -r', () => {
  beforeAll(() => {
    mkdirSync(remote('from/a/b'), { recursive: true })
    mkdirSync(remote('from/empty'))
    mkdirSync(remote('from/private'))
    write('from/top', 'top')
    write('from/a/b/deep', 'deep')
    write('from/private/secret', 'secret')
    chmodSync(remote('from/private'), 0o700)
    chmodSync(remote('from/a/b/deep'), 0o600)
    symlinkSync('top', remote('from/link'))
    symlinkSync('nowhere', remote('from/dangling'))
    symlinkSync('a', remote('from/folder-link'))
    utimesSync(remote('from/empty'), 1_000_000_000, 1_000_000_000)
  })

  test('copies a folder with all that is in it, also empty folders, and leaves out broken links', async () => {
    const { exitCode, stderr } = await run('cp', '-r', 'from', 'to')
    expect(exitCode).toBe(0)
    expect(stderr.trim().split('\n').sort()).toEqual([
      '/from/dangling  left out: a link that leads to no file',
      '/from/folder-link  left out: a link that leads to no file',
    ])
    expect(tool('find', 'to', '-mindepth', '1', '-printf', '%P %y\n').trim().split('\n').sort()).toEqual(
      ['a d', 'a/b d', 'a/b/deep f', 'empty d', 'link f', 'private d', 'private/secret f', 'top f'].sort(),
    )
    expect(readFileSync(remote('to/a/b/deep'), 'utf8')).toBe('deep')
    expect(readFileSync(remote('to/link'), 'utf8')).toBe('top')
    expect(statSync(remote('to/private')).mode & 0o777).toBe(0o700)
    expect(statSync(remote('to/a/b/deep')).mode & 0o777).toBe(0o600)
  })

  test('goes into a folder that exists, and replaces nothing unless it is asked to', async () => {
    mkdirSync(remote('box'))
    expect(await run('cp', '-rp', 'from/empty', 'from/a', 'from/top', 'box')).toMatchObject({ exitCode: 0 })
    expect(statSync(remote('box/empty'))).toMatchObject({ mtimeMs: 1_000_000_000_000 })
    write('box/a/b/deep', 'changed')
    write('from/a/new', 'new')
    const refused = await run('cp', '-r', 'from/a', 'box')
    expect(refused).toMatchObject({ exitCode: 7 })
    expect(refused.stderr).toContain('/box/a/b/deep: the name is taken')
    expect(readFileSync(remote('box/a/b/deep'), 'utf8')).toBe('changed')
    expect(readFileSync(remote('box/a/new'), 'utf8')).toBe('new')
    expect(await run('cp', '-rf', 'from/a', 'box')).toMatchObject({ exitCode: 0 })
    expect(readFileSync(remote('box/a/b/deep'), 'utf8')).toBe('deep')
  })

  test('refuses a copy into itself, and says how a folder is copied', async () => {
    expect(await run('cp', '-r', 'from', 'from/copy')).toMatchObject({ exitCode: 2 })
    expect(await run('cp', '-r', 'from', 'from')).toMatchObject({ exitCode: 2 })
    expect(existsSync(remote('from/copy'))).toBe(false)
    expect((await run('cp', 'from', 'other')).stderr).toContain('cp -r')
    expect(await run('cp', '-r', 'none', 'other')).toMatchObject({ exitCode: 5 })
    symlinkSync('from', remote('from-link'))
    // Only the server knows that this is inside; it ends all the same.
    await run('cp', '-r', 'from', 'from-link/again')
    expect(existsSync(remote('from/again/again'))).toBe(false)
    expect(readFileSync(remote('from/again/top'), 'utf8')).toBe('top')
  })
})

describe('du and df', () => {
  test('du adds up as du does, links not followed and hard links counted once', async () => {
    mkdirSync(remote('tree/a/b'), { recursive: true })
    mkdirSync(remote('tree/empty'))
    write('tree/a/b/large', 'x'.repeat(300_000))
    write('tree/a/small', 'x')
    linkSync(remote('tree/a/b/large'), remote('tree/a/b/again'))
    symlinkSync('../..', remote('tree/a/up'))
    const sorted = (text: string) => text.trim().split('\n').sort()
    const expected = (...args: string[]) =>
      sorted(tool('du', ...args, 'tree').replaceAll('\ttree', '\t/tree'))
    expect(sorted(await answer('du', 'tree'))).toEqual(expected())
    expect(sorted(await answer('du', '-d', '1', 'tree'))).toEqual(expected('-d', '1'))
    expect(sorted(await answer('du', '-s', 'tree'))).toEqual(expected('-s'))
    expect(await answer('du', '-s', '-b', 'tree')).toBe('300001\t/tree\n')
    expect(await answer('du', '-sbh', 'tree')).toBe('293 KiB\t/tree\n')
    expect((await answer('du', 'tree')).trim().split('\n').at(-1)).toMatch(/\t\/tree$/)
    const { events } = await run('du', '--json', '-s', 'tree')
    expect(events[0]).toMatchObject({ event: 'usage', path: '/tree', size: 300_001, names: 8 })
  })

  test('du of nothing fails, and goes on with the next path', async () => {
    expect(await run('du', '-s', 'none', 'tree/empty')).toMatchObject({
      exitCode: 5,
      stdout: expect.stringMatching(/^\d+\t\/tree\/empty\n$/),
    })
    expect(await run('du', '-s', '-d', '1')).toMatchObject({ exitCode: 2 })
    expect(await run('du', '-d', 'x')).toMatchObject({ exitCode: 2 })
  })

  test('df shows the room of the disk', async () => {
    const size = Number(tool('df', '--output=size', '.').trim().split('\n')[1])
    const [head, row] = (await answer('df')).trim().split('\n')
    expect(head?.trim().split(/ {2,}/)).toEqual(['Size', 'Used', 'Available', 'Use%', 'Path'])
    expect(row?.trim().split(/\s+/)).toEqual([String(size), ...Array(3).fill(expect.any(String)), '/'])
    const { events } = await run('df', '--json', '/', 'none')
    expect(events[0]).toMatchObject({ event: 'space', path: '/', total: size * 1024 })
    expect(events.at(-1)).toMatchObject({ event: 'result', exitCode: 5 })
  })
})

describe('cat', () => {
  test('prints files as they are, and goes on after one that is missing', async () => {
    write('one', 'first\n')
    write('two', '\x1b[31mred')
    expect(await answer('cat', 'one', 'two')).toBe('first\n\x1b[31mred')
    expect(await run('cat', 'one', 'none', 'one')).toMatchObject({
      exitCode: 5,
      stdout: 'first\nfirst\n',
      stderr: 'ftp: cat: /none: no such file or folder\n',
    })
    expect(await run('cat', '--json', 'one')).toMatchObject({ exitCode: 2 })
  })

  test.runIf(hasTerminal)('shows no character on a terminal that the terminal would obey', async () => {
    await using terminal = new Terminal(['cat', 'one', 'two'], { env: { FTP_URL: `${daemon.url}/` } })
    await terminal.sees('first')
    await terminal.sees('\\e[31mred')
  })
})

describe('chmod', () => {
  const bits = (name: string) => (statSync(remote(name)).mode & 0o7777).toString(8)

  test('sets bits in octal and in letters, of what a link leads to', async () => {
    write('modes', '')
    symlinkSync('modes', remote('modes-link'))
    for (const [mode, expected] of [
      ['600', '600'],
      ['u+x', '700'],
      ['go+rX', '755'],
      ['a-x', '644'],
      ['g=u', '664'],
      ['u=rwx,g-w,o=', '740'],
      ['+w', '740'],
      ['0644', '644'],
    ] as const) {
      await answer('chmod', mode, 'modes-link')
      expect(bits('modes'), mode).toBe(expected)
    }
    await answer('chmod', '--', '-w', 'modes')
    expect(bits('modes')).toBe('444')
  })

  test('changes a whole tree with -R, folders last, and leaves links alone', async () => {
    mkdirSync(remote('modes-tree/a/b'), { recursive: true })
    write('modes-tree/a/b/file', '')
    write('modes-tree/program', '')
    write('beside', '')
    chmodSync(remote('modes-tree/program'), 0o755)
    chmodSync(remote('beside'), 0o600)
    symlinkSync('../beside', remote('modes-tree/link'))
    await answer('chmod', '-R', 'a=rX,u+w', 'modes-tree')
    const modes = [
      'modes-tree',
      'modes-tree/a',
      'modes-tree/a/b',
      'modes-tree/a/b/file',
      'modes-tree/program',
      'beside',
    ]
    expect(modes.map(bits)).toEqual(['755', '755', '755', '644', '755', '600'])
    await answer('chmod', '-R', '700', 'modes-tree', 'beside')
    expect(modes.map(bits)).toEqual(['700', '700', '700', '700', '700', '700'])
    expect(await run('chmod', '-R', '700', 'none', 'modes-tree')).toMatchObject({ exitCode: 5 })
  })

  test('refuses what is no mode, and a bit that gives rights of the server', async () => {
    for (const mode of ['999', 'u+z', 'rw', '', '77777', 'u+x,']) {
      expect(await run('chmod', mode, 'modes'), mode).toMatchObject({ exitCode: 2 })
    }
    expect(await run('chmod', '4755', 'modes')).toMatchObject({ exitCode: 12 })
    expect(bits('modes')).toBe('444')
    expect(await run('chmod', '600', 'none')).toMatchObject({ exitCode: 5 })
    expect(await run('chmod', '000', '/')).toMatchObject({ exitCode: 2 })
  })
})

describe('touch', () => {
  test('makes a file that is missing, and sets the time of one that is there', async () => {
    await answer('touch', 'touched')
    expect(readFileSync(remote('touched'), 'utf8')).toBe('')
    write('touched', 'content')
    await answer('touch', '-d', '2020-01-02T03:04:05Z', 'touched', 'made')
    for (const name of ['touched', 'made'])
      expect(statSync(remote(name)).mtimeMs).toBe(Date.parse('2020-01-02T03:04:05Z'))
    expect(readFileSync(remote('touched'), 'utf8')).toBe('content')
    await answer('touch', 'touched')
    expect(statSync(remote('touched')).mtimeMs).toBeGreaterThan(Date.parse('2021-01-01'))
  })

  test('makes nothing with -c', async () => {
    await answer('touch', '-c', 'missing')
    expect(existsSync(remote('missing'))).toBe(false)
    expect(await run('touch', '-d', 'yesterday', 'missing')).toMatchObject({ exitCode: 2 })
    expect(await run('touch', 'no/such/folder')).toMatchObject({ exitCode: 5 })
  })
})

test('a visitor who may only read can digest, count and print, and change nothing', async () => {
  await using reading = await DaemonProcess.start(scratch.remote, ['--anonymous', 'read'])
  const as = (...args: string[]) => ftp(args, { env: { FTP_URL: `${reading.url}/` } })
  for (const args of [['md5', 'one'], ['du', '-s'], ['df'], ['cat', 'one']])
    expect(await as(...args)).toMatchObject({ exitCode: 0 })
  for (const args of [
    ['cp', 'one', 'copy'],
    ['cp', '-f', 'one', 'two'],
    ['chmod', '600', 'one'],
    ['touch', 'one'],
    ['touch', 'new'],
  ])
    expect(await as(...args), args.join(' ')).toMatchObject({ exitCode: 6 })
  expect(existsSync(remote('copy'))).toBe(false)
  expect(existsSync(remote('new'))).toBe(false)
})

import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ftp } from './ftp-process.js'
import { daemon, scratch, serveScratch } from './served-scratch.js'

serveScratch(() => {
  mkdirSync(join(scratch.remote, 'releases'))
  writeFileSync(join(scratch.remote, 'releases/small'), 'x'.repeat(10))
  writeFileSync(join(scratch.remote, 'releases/large'), 'x'.repeat(5000))
  writeFileSync(join(scratch.remote, 'releases/.hidden'), '')
  utimesSync(join(scratch.remote, 'releases/small'), 2_000_000_000, 2_000_000_000)
  utimesSync(join(scratch.remote, 'releases/large'), 1_000_000_000, 1_000_000_000)
})

/** Runs a command whose remote paths are relative to /releases. */
const run = (...args: string[]) =>
  ftp(args, { cwd: scratch.local, env: { FTP_URL: `${daemon.url}/releases` } })
const answer = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await run(...args)
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  return stdout
}

describe('find', () => {
  beforeAll(() => {
    mkdirSync(join(scratch.remote, 'tree/sub/deep'), { recursive: true })
    writeFileSync(join(scratch.remote, 'tree/sub/deep/a.ts'), 'x')
    writeFileSync(join(scratch.remote, 'tree/sub/b.js'), 'x')
  })
  afterAll(() => rmSync(join(scratch.remote, 'tree'), { recursive: true }))

  test('prints the path of everything, a folder before what is in it', async () => {
    const lines = (await answer('find', '/tree')).trimEnd().split('\n')
    expect(lines.toSorted()).toEqual(['/tree/sub', '/tree/sub/b.js', '/tree/sub/deep', '/tree/sub/deep/a.ts'])
    expect(lines[0]).toBe('/tree/sub')
    expect((await answer('find')).trimEnd().split('\n').toSorted()).toEqual([
      '/releases/.hidden',
      '/releases/large',
      '/releases/small',
    ])
  })

  test('looks for a name, for a type, and as deep as asked for', async () => {
    expect(await answer('find', '/tree', '--name', '*.ts')).toBe('/tree/sub/deep/a.ts\n')
    expect(await answer('find', '/tree', '--type', 'd')).toBe('/tree/sub\n/tree/sub/deep\n')
    expect(await answer('find', '/tree', '-d', '1')).toBe('/tree/sub\n')
    expect(await answer('find', '/tree', '--name', 'none')).toBe('')
  })

  test('gives entries with --json, and fails for what is not there', async () => {
    const [entry] = (await answer('find', '/tree', '--type', 'f', '--name', 'a*', '--json')).split('\n')
    expect(JSON.parse(entry ?? '')).toMatchObject({
      v: 1,
      event: 'entry',
      path: '/tree/sub/deep/a.ts',
      name: 'a.ts',
      type: 'file',
      size: 1,
    })
    expect(await run('find', '/none', '/tree/sub/deep')).toMatchObject({
      exitCode: 5,
      stdout: '/tree/sub/deep/a.ts\n',
    })
  })

  test.each([
    [['--type', 'x'], "'x'"],
    [['-d', 'x'], "'x'"],
    [['--name', ''], '--name'],
  ])('refuses %j', async (flags, named) => {
    const { exitCode, stderr } = await run('find', '/tree', ...flags)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(named)
  })
})

describe('ls', () => {
  test('prints names, folders with a slash', async () => {
    expect(await answer('ls')).toBe('large\nsmall\n')
    expect(await answer('ls', '/')).toBe('releases/\n')
    expect(await answer('dir', '-a')).toBe('.hidden\nlarge\nsmall\n')
    expect(await answer('ls', 'small')).toBe('small\n')
    expect(await answer('ls', `${daemon.url}/releases`)).toBe('large\nsmall\n')
  })

  test('sorts by time and size, and turns round', async () => {
    expect(await answer('ls', '-t')).toBe('small\nlarge\n')
    expect(await answer('ls', '-S')).toBe('large\nsmall\n')
    expect(await answer('ls', '-r')).toBe('small\nlarge\n')
    expect(await answer('ls', '-Sr1')).toBe('small\nlarge\n')
  })

  test('tells more with -l', async () => {
    const lines = (await answer('ls', '-lh')).split('\n')
    expect(lines[0]).toMatch(/^-rw-r--r-- {2}4\.9 KiB {2}2001-09-0\d \d\d:\d\d {2}large$/)
    expect(lines[1]).toMatch(/^-rw-r--r-- {5}10 B {2}2033-05-1\d \d\d:\d\d {2}small$/)
    expect(await answer('ls', '-l', 'large')).toMatch(/ {2}5000 {2}/)
  })

  test('heads each of several folders with its name', async () => {
    expect(await answer('ls', '/', '.')).toBe('/:\nreleases/\n\n.:\nlarge\nsmall\n')
  })

  test('lists files first and under the names asked for, then folders', async () => {
    expect(await answer('ls', 'small', 'large')).toBe('large\nsmall\n')
    expect(await answer('ls', '/', 'small', '/releases/large')).toBe(
      '/releases/large\nsmall\n\n/:\nreleases/\n',
    )
    const end = await run('ls', 'small', 'nope')
    expect(end).toMatchObject({ exitCode: 5, stdout: 'small\n' })
  })

  test('lists the folders below with -R, each under its name', async () => {
    const tree = join(scratch.remote, 'releases/tree')
    mkdirSync(join(tree, 'b/.hidden'), { recursive: true })
    for (const name of ['z', 'b/inner', 'b/.hidden/x']) writeFileSync(join(tree, name), name)
    const shown = await answer('ls', '-R', 'tree')
    expect(shown).toBe('tree:\nb/\nz\n\ntree/b:\ninner\n')
    expect(await answer('ls', '-Ra', 'tree/b')).toBe('tree/b:\n.hidden/\ninner\n\ntree/b/.hidden:\nx\n')
    expect(await answer('ls', '-R', 'tree/z')).toBe('tree/z\n')
    const { events } = await run('ls', '-R', '--json', 'tree')
    expect(
      events
        .filter(({ event }) => event === 'entry')
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/releases/tree/b', '/releases/tree/b/inner', '/releases/tree/z'])
    expect(await answer('rm', '-r', 'tree')).toBe('')
    expect(await answer('rm', '-rf', 'tree')).toBe('')
    expect(await run('rm', '-r', 'tree')).toMatchObject({ exitCode: 5 })
  })

  test('takes patterns, which the shell that calls it left alone', async () => {
    expect(await answer('ls', '*a*')).toBe('large\nsmall\n')
    expect(await answer('ls', `${daemon.url}/releases/[a-m]????`)).toBe('/releases/large\n')
    expect(await run('ls', 'x*')).toMatchObject({
      exitCode: 5,
      stderr: 'ftp: ls: /releases/x*: no such file or folder\n',
    })
    expect(await run('ls', `${daemon.url}/x?`)).toMatchObject({ exitCode: 5 })
  })

  test('gives entries as JSON, then the totals', async () => {
    const { events } = await run('ls', '--json', '-S')
    expect(events.map(({ event, name }) => [event, name])).toEqual([
      ['entry', 'large'],
      ['entry', 'small'],
      ['result', undefined],
    ])
    expect(events[0]).toMatchObject({ v: 1, path: '/releases/large', type: 'file', size: 5000 })
  })
})

test('JSON holds no character that a terminal obeys, and means the true name', async () => {
  const name = 'evil\u009b31m\u202egpj.exe'
  writeFileSync(join(scratch.remote, name), '')
  const { stdout, events } = await run('ls', '--json', `/${name}`)
  expect(stdout).not.toMatch(/[\u0080-\u009f\u202e]/)
  expect(events[0]).toMatchObject({ event: 'entry', name })
  const failed = await run('stat', '--json', `/not ${name}`)
  expect(failed.stdout).not.toMatch(/[\u0080-\u009f\u202e]/)
  expect(failed.events[0]).toMatchObject({ event: 'error', path: `/not ${name}` })
  rmSync(join(scratch.remote, name))
})

test('pwd prints the path that a URL means', async () => {
  expect(await answer('pwd')).toBe('/releases\n')
  expect(await answer('pwd', `${daemon.url}/`)).toBe('/\n')
  expect((await ftp(['pwd', `${daemon.url}/releases/../releases/`])).stdout).toBe('/releases\n')
  expect((await run('pwd', 'nope')).exitCode).toBe(5)
})

test('folders are made and removed, files moved and removed', async () => {
  await answer('mkdir', '-p', 'a/b/c')
  await answer('mkdir', '-p', 'a/b/c')
  writeFileSync(join(scratch.remote, 'releases/a/file'), 'content')
  await answer('mv', 'a/file', 'a/b')
  await answer('rename', 'a/b/file', 'a/b/renamed')
  expect(readFileSync(join(scratch.remote, 'releases/a/b/renamed'), 'utf8')).toBe('content')
  expect((await run('rmdir', 'a/b')).exitCode).toBe(7)
  await answer('rm', 'a/b/renamed')
  await answer('rm', '-f', 'a/b/renamed')
  await answer('rmdir', 'a/b/c', 'a/b', 'a')
  expect(await answer('ls')).toBe('large\nsmall\n')
})

test('a name that looks like a pattern can be made', async () => {
  await answer('mkdir', 'la*', '[new]')
  await answer('mv', '[new]', '[newer]')
  expect((await answer('ls')).split('\n')).toEqual(expect.arrayContaining(['[newer]/', 'la*/', 'large']))
  await answer('rmdir', 'la*', '[newer]')
})

test('mv replaces nothing unless it is asked to', async () => {
  writeFileSync(join(scratch.remote, 'releases/new'), 'new')
  writeFileSync(join(scratch.remote, 'releases/old'), 'old')
  const read = () => readFileSync(join(scratch.remote, 'releases/old'), 'utf8')
  const refused = await run('mv', 'new', 'old')
  expect(refused).toMatchObject({
    exitCode: 7,
    stderr: 'ftp: mv: /releases/old: the name is taken; mv -f replaces what is there\n',
  })
  expect((await ftp(['-c', 'mv /releases/new /releases/old', daemon.url])).exitCode).toBe(7)
  expect(read()).toBe('old')
  await answer('mv', '-f', 'new', 'old')
  expect(read()).toBe('new')
  writeFileSync(join(scratch.remote, 'releases/new'), 'newer')
  await answer('mv', '--on-exists', 'overwrite', 'new', 'old')
  expect(read()).toBe('newer')
  await answer('rm', 'old')
})

describe('a link to a folder is a folder', () => {
  test('for cd, open, put and mv', async () => {
    mkdirSync(join(scratch.remote, 'linked/target'), { recursive: true })
    symlinkSync('target', join(scratch.remote, 'linked/link'))
    writeFileSync(join(scratch.remote, 'linked/file'), 'moved')
    writeFileSync(join(scratch.local, 'local.txt'), 'stored')
    const url = `${daemon.url}/linked`
    expect(await answer('-q', '-c', 'cd link; pwd', url)).toBe('/linked/link\n')
    expect(await answer('-q', '-c', 'pwd', `${url}/link`)).toBe('/linked/link\n')
    await answer('-q', 'put', 'local.txt', `${url}/link`)
    await answer('-q', '--url', url, 'mv', '-f', 'file', 'link')
    expect(readdirSync(join(scratch.remote, 'linked/target')).sort()).toEqual(['file', 'local.txt'])
    expect(lstatSync(join(scratch.remote, 'linked/link')).isSymbolicLink()).toBe(true)
    rmSync(join(scratch.remote, 'linked'), { recursive: true })
  })

  test('a remote name that no local file could have is still a remote name', async () => {
    writeFileSync(join(scratch.local, 'local.txt'), 'stored')
    const end = await run('put', 'local.txt', 'x'.repeat(250).concat('/', 'y'.repeat(300)))
    expect(end.exitCode).toBe(2)
    expect(end.stderr).not.toContain('ENAMETOOLONG')
  })
})

test('stat tells what is known', async () => {
  expect(await answer('stat', 'large')).toMatch(
    /^path {6}\/releases\/large\ntype {6}file\nsize {6}5000 bytes \(4\.9 KiB\)\nmodified {2}2001-.*\nmode {6}-rw-r--r-- \(0644\)\n$/,
  )
  expect((await run('stat', 'large', '--json')).events[0]).toMatchObject({ event: 'entry', size: 5000 })
})

test.each([
  ['stat', 'path      /releases/small', 'path      /releases/large'],
  ['lls', 'one:', 'two:'],
])('%s tells the others if one name is missing', async (command, first, last) => {
  for (const name of ['one', 'two']) mkdirSync(join(scratch.local, name), { recursive: true })
  const names = command === 'stat' ? ['small', 'missing', 'large'] : ['one', 'missing', 'two']
  const end = await run(command, ...names)
  expect(end.exitCode).toBe(5)
  expect(end.stdout.split('\n').filter((line) => line.startsWith(first) || line.startsWith(last))).toEqual([
    first,
    last,
  ])
  expect(end.stderr).toContain('missing')
})

test('ping answers', async () => {
  expect(await answer('ping')).toMatch(/^\d+\.\d ms\n$/)
})

test('help and version need no server', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../packages/cli/package.json', import.meta.url), 'utf8'),
  ) as {
    version: string
  }
  for (const args of [['--version'], ['-V'], ['version'], ['-q', '--version']]) {
    expect(await answer(...args)).toBe(`ftp (jftp) ${version}\n`)
  }
  expect(await answer('--help')).toContain('put, mput')
  expect(await answer('-h')).toBe(await answer('--help'))
  expect(await answer('put', '-h')).toBe(await answer('help', 'put'))
  expect(await answer('help', 'ls')).toBe(await answer('ls', '--help'))
})

test.each([['--help'], ['help'], ['share', '--help']])(
  'without a terminal %j takes 80 columns',
  async (...args) => {
    const help = await answer(...args)
    expect(help.split('\n').filter((line) => [...line].length > 80)).toEqual([])
  },
)

describe('with --json stdout has nothing but JSON lines', () => {
  const SCRIPT = expect.stringContaining('\ncomplete -o bashdefault')
  const cases: [string[], number, object][] = [
    [['ls', '--jsn'], 2, {}],
    [['ls', '--json', '--frob'], 2, { event: 'error', code: 'usage' }],
    [['--json', '--frob'], 2, { event: 'error', code: 'usage' }],
    [['--json', 'frob', 'x'], 2, { event: 'error', code: 'usage' }],
    [['--json', '--digest', 'x', 'ls'], 2, { event: 'error', code: 'usage' }],
    [['--json', '-c', 'ls', 'no-such-host.invalid'], 3, { event: 'error', code: 'unknown-host' }],
    [['--json', '-c', "ls 'x", 'URL'], 2, { event: 'error', code: 'usage' }],
    [['--json', '--help'], 0, { event: 'help', text: expect.stringContaining('put, mput') }],
    [['ls', '--help', '--json'], 0, { event: 'help', text: expect.stringContaining('ls [flags]') }],
    [['help', '--json'], 0, { event: 'help' }],
    [['--json', '--version'], 0, { event: 'version', version: expect.stringMatching(/^\d+\.\d+\.\d+/) }],
    [['version', '--json'], 0, { event: 'version' }],
    [
      ['cat', 'x', '--json'],
      2,
      { event: 'error', message: expect.stringMatching(/^what is in a file is no/) },
    ],
    [
      ['more', 'x', '--json'],
      2,
      { event: 'error', message: expect.stringMatching(/^what is in a file is no/) },
    ],
    [['completion', 'bash', '--json'], 0, { event: 'completion', shell: 'bash', script: SCRIPT }],
    [['ping', '--json'], 0, { event: 'ping', ms: expect.any(Number) }],
    [['lpwd', '--json'], 0, { event: 'local-folder', path: 'LOCAL' }],
    [['--json', '-c', 'lcd .', 'URL'], 0, { event: 'local-folder', path: 'LOCAL' }],
    [['lls', '--json'], 0, { event: 'local-entry', path: 'LOCAL/here', name: 'here', type: 'file', size: 4 }],
  ]
  test.each(cases)('%j', async (args, exitCode, event) => {
    writeFileSync(join(scratch.local, 'here'), 'here')
    const fill = (text: string) => text.replaceAll('URL', daemon.url).replaceAll('LOCAL', scratch.local)
    const end = await run(...args.map(fill))
    expect(end.exitCode).toBe(exitCode)
    if (!args.includes('--json')) return expect(end.stdout).toBe('')
    const [first, ...others] = end.events
    const filled = Object.entries(event).map(([key, value]) => [
      key,
      typeof value === 'string' ? fill(value) : value,
    ])
    expect(first).toMatchObject({ v: 1, ...(Object.fromEntries(filled) as object) })
    expect(others.at(-1)).toMatchObject({ v: 1, event: 'result', exitCode })
  })
})

describe('the server', () => {
  test('can have no URL of another scheme', async () => {
    for (const args of [['ls', 'http://host/'], ['--url', 'http://host/', 'ls'], ['http://host/']]) {
      const end = await ftp(args)
      expect(end).toMatchObject({ exitCode: 2, stdout: '' })
      expect(end.stderr).toContain('the scheme must be jftp: or jftps:, not http:')
    }
  })

  test('that is none may be a mistyped command', async () => {
    expect(await ftp(['puut'])).toMatchObject({
      exitCode: 2,
      stderr: "ftp: 'puut' is neither a command nor a host that can be found; did you mean 'ftp put'?\n",
    })
    const end = await ftp(['quuux-no-host'])
    expect(end.exitCode).toBe(3)
    expect(end.stderr).toContain("'quuux-no-host' is neither a command nor a host")
  })
})

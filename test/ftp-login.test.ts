import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { parseRemoteUrl } from '@jftp/client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { type FtpOptions, ftp } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasTerminal, Terminal } from './terminal.js'
import { UsersFile } from './users.js'

let scratch: ScratchFolder
let daemon: DaemonProcess
let annUrl: string

beforeAll(async () => {
  scratch = new ScratchFolder()
  const users = new UsersFile(scratch.path)
  await users.add('ann', 'geheim', '--home', '/ann')
  await users.add('bob', 'anders', '--home', '/bob', '--allow', 'list,read')
  daemon = await DaemonProcess.start(scratch.remote, users.args.concat('--workers', '2'))
  annUrl = daemon.url.replace('jftp://', 'jftp://ann@')
})
afterAll(async () => {
  await daemon.stop('SIGKILL')
  scratch[Symbol.dispose]()
})
beforeEach(() => {
  mkdirSync(join(scratch.remote, 'ann'), { recursive: true })
  writeFileSync(join(scratch.remote, 'ann/file'), 'content')
  writeFileSync(join(scratch.local, 'pw'), 'geheim\n')
  writeFileSync(join(scratch.local, 'wrong'), 'falsch\n')
})

const run = (args: readonly string[], options: FtpOptions = {}) =>
  ftp(args, { cwd: scratch.local, ...options })

describe('where the password comes from', () => {
  test.each<[string, string[], FtpOptions]>([
    ['$FTP_PASSWORD', [], { env: { FTP_PASSWORD: 'geheim' } }],
    ['$FTP_PASSWORD_FILE', [], { env: { FTP_PASSWORD_FILE: 'pw' } }],
    ['--password-file', ['--password-file', 'pw'], {}],
    ['--password-stdin', ['--password-stdin'], { input: 'geheim\nmore\n' }],
    ['a flag wins over a variable', ['--password-file', 'pw'], { env: { FTP_PASSWORD: 'falsch' } }],
    ['nobody has to be asked', ['--no-input'], { env: { FTP_PASSWORD: 'geheim' } }],
  ])('%s', async (_name, flags, options) => {
    const { exitCode, stdout, stderr } = await run(['cat', `${annUrl}/file`, ...flags], options)
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'content', stderr: '' })
  })

  test('a pipe', async () => {
    const command = ['bash', '-c', '"$@" --password-file <(sleep 0.2; echo geheim)', 'bash']
    expect(await run(['cat', `${annUrl}/file`], { command })).toMatchObject({
      exitCode: 0,
      stdout: 'content',
    })
  })

  test.each(['--password-file', '--token-file', '--key'])(
    '%s of a pipe without an end can be ended',
    async (flag) => {
      const pipe = join(scratch.local, 'pipe')
      if (!existsSync(pipe)) execFileSync('mkfifo', [pipe])
      const { exitCode } = await run(['ls', `${annUrl}/`, flag, 'pipe', '--max-time', '1'])
      expect(exitCode).toBe(124)
    },
  )

  test.each(['--password-file', '--token-file', '--key', '$NETRC'])(
    '%s is read up to a limit',
    async (name) => {
      writeFileSync(join(scratch.local, 'large'), `geheim\n${' '.repeat(1024 * 1024)}`)
      for (const path of ['large', '/dev/zero']) {
        const flags = name === '$NETRC' ? [] : [name, path]
        const env = name === '$NETRC' ? { NETRC: path } : {}
        const { exitCode, stderr } = await run(['ls', `${annUrl}/`, ...flags], { env })
        expect(exitCode).toBe(2)
        expect(stderr).toContain(`${path} has more than 1048576 bytes`)
      }
    },
  )

  test('$FTP_USER is the user if the URL names none', async () => {
    const env = { FTP_USER: 'ann', FTP_PASSWORD: 'geheim', FTP_URL: daemon.url }
    expect(await run(['user'], { env })).toMatchObject({ exitCode: 0, stdout: 'ann\n' })
    expect(await run(['cat', 'file'], { env })).toMatchObject({ exitCode: 0, stdout: 'content' })
  })

  test('every connection of a command logs in', async () => {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(scratch.local, name), name)
    const env = { FTP_PASSWORD: 'geheim' }
    const put = await run(['put', 'a', 'b', 'c', 'd', `${annUrl}/`, '-j', '3'], { env })
    expect(put).toMatchObject({ exitCode: 0 })
    writeFileSync(join(scratch.remote, 'ann/large'), Buffer.alloc(9 * 1024 * 1024))
    const get = await run(['get', `${annUrl}/large`, '--segments', '3'], { env })
    expect(get).toMatchObject({ exitCode: 0 })
  })
})

describe('a netrc file', () => {
  const netrc = (text: string, mode = 0o600) => {
    const path = join(scratch.local, 'netrc')
    writeFileSync(path, text)
    chmodSync(path, mode)
    return { NETRC: path }
  }
  const entry = (user: string, password: string) =>
    `machine ${parseRemoteUrl(daemon.url).host} login ${user} password ${password}\n`

  test('gives the password of a user, and the user if none is named', async () => {
    const env = netrc(entry('bob', 'anders') + entry('ann', 'geheim'))
    expect(await run(['cat', `${annUrl}/file`], { env })).toMatchObject({ exitCode: 0, stdout: 'content' })
    expect(await run(['user', '--url', daemon.url], { env })).toMatchObject({ exitCode: 0, stdout: 'bob\n' })
    expect(await run(['user', '--url', daemon.url, '-u', 'ann'], { env })).toMatchObject({ stdout: 'ann\n' })
  })

  test('is used after flags and variables, and not for another server or user', async () => {
    const env = netrc(entry('ann', 'falsch'))
    const given = await run(['cat', `${annUrl}/file`], { env: { ...env, FTP_PASSWORD: 'geheim' } })
    expect(given).toMatchObject({ exitCode: 0, stdout: 'content' })
    expect(await run(['cat', `${annUrl}/file`], { env })).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('is wrong'),
    })
    for (const text of [entry('bob', 'geheim'), 'machine other login ann password geheim\n']) {
      expect(await run(['ls', `${annUrl}/`], { env: netrc(text) })).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining('there is no terminal to ask for it'),
      })
    }
  })

  test('that others may read is refused', async () => {
    const env = netrc(entry('ann', 'geheim'), 0o640)
    expect(await run(['ls', `${annUrl}/`], { env })).toMatchObject({
      exitCode: 6,
      stderr: expect.stringMatching(
        /others may read or change the passwords in .* \(mode 640\); run: chmod 600 /,
      ),
    })
  })

  test('gives nothing to a server that others could listen to', async () => {
    const env = netrc('machine example.invalid login ann password geheim\n')
    const end = await run(['ls', 'jftp://example.invalid/'], { env })
    // It would have been refused with usage if there were a password to send.
    expect(end).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('example.invalid') })
  })
})

describe('who does not get in', () => {
  test.each<[string, () => string[], FtpOptions, number, string]>([
    ['a wrong password', () => ['ls', `${annUrl}/`], { env: { FTP_PASSWORD: 'falsch' } }, 4, 'is wrong'],
    [
      'a visitor',
      () => ['ls', `${daemon.url}/`],
      {},
      4,
      'this server has no anonymous visitors; log in as a user',
    ],
    ['no password', () => ['ls', `${annUrl}/`], {}, 4, 'there is no terminal to ask for it'],
    ['no password, --no-input', () => ['ls', `${annUrl}/`, '--no-input'], {}, 4, '--no-input forbids'],
    [
      'a file that is not there',
      () => ['ls', `${annUrl}/`, '--password-file', 'no'],
      {},
      5,
      'no: no such file',
    ],
    ['an empty file', () => ['ls', `${annUrl}/`, '--password-stdin'], { input: '\n' }, 2, 'is empty'],
    [
      'two sources',
      () => ['ls', `${annUrl}/`, '--password-stdin', '--password-file', 'pw'],
      {},
      2,
      'only one of',
    ],
    [
      'a password without a user',
      () => ['ls', `${daemon.url}/`, '--password-file', 'pw'],
      {},
      2,
      'name one with -u',
    ],
    [
      'a password that others could read on the way',
      () => ['ls', 'jftp://ann@files.invalid/', '--password-file', 'pw'],
      {},
      2,
      'on its way to files.invalid, so none is sent; write jftps://ann@files.invalid/',
    ],
    [
      'a token that others could read on the way',
      () => ['ls', 'jftp://192.0.2.1/', '--token-file', 'pw'],
      {},
      2,
      'so none is sent; write jftps://192.0.2.1/',
    ],
    [
      'stdin for two',
      () => ['put', '-', `${annUrl}/x`, '--password-stdin'],
      { input: 'geheim\n' },
      2,
      'come from stdin',
    ],
    [
      'what may only be read',
      () => ['put', 'pw', `${daemon.url.replace('//', '//bob@')}/`],
      { env: { FTP_PASSWORD: 'anders' } },
      6,
      'bob has no permission to write here',
    ],
  ])('%s', async (_name, args, options, exitCode, message) => {
    const end = await run(args(), options)
    expect(end.stderr).toContain(message)
    expect(end.exitCode).toBe(exitCode)
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1)
    const json = await run([...args(), '--json'], options)
    expect(json.exitCode).toBe(exitCode)
    expect(json.stdout + json.stderr).not.toMatch(/falsch|geheim|anders/)
    expect(json.events.at(-1)).toMatchObject({ event: 'result', exitCode })
  })

  test.each([
    'jftp://ann:geheim@127.0.0.1/',
    'jftp://ann:ge/heim@127.0.0.1/',
    'jftp://ann:ge%heim@127.0.0.1/',
    'jftp://:geheim@127.0.0.1/',
    'ann:geheim@127.0.0.1',
    'http://ann:geheim@127.0.0.1/',
  ])('a password in a URL is refused and not repeated: %s', async (url) => {
    for (const args of [['ls', url], [url], ['ls', '--url', url]]) {
      const { exitCode, stdout, stderr } = await run(args)
      if (args[0] === 'ls' && url.startsWith('ann')) continue
      expect(stderr).toContain('a URL holds no password')
      expect(stdout + stderr).not.toMatch(/ge.?heim/)
      expect(exitCode).toBe(2)
    }
  })
})

describe.skipIf(!hasTerminal)('on a terminal', () => {
  const open = (args: readonly string[]) =>
    new Terminal(args, { cwd: scratch.local, env: { XDG_STATE_HOME: scratch.path, NO_COLOR: '1' } })

  test('the password is asked for without an echo, and again if it was mistyped', async () => {
    await using terminal = open(['cat', `${annUrl}/file`])
    await terminal.sees(/Password for ann@.*: /)
    terminal.type('falsch\r')
    await terminal.sees('is wrong')
    await terminal.sees(/Password for ann@.*: /)
    terminal.type('gehei\x7fim\r')
    await terminal.sees('content')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen).not.toMatch(/falsch|gehei/)
  })

  test('three wrong passwords are enough, and no question leaves the terminal open', async () => {
    await using terminal = open(['cat', `${annUrl}/file`])
    const opened: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      await terminal.sees(/Password for ann@.*: /)
      const folder = `/proc/${terminal.pid}/fd`
      opened.push(readdirSync(folder).filter((fd) => readlinkSync(join(folder, fd)) === '/dev/tty').length)
      terminal.type('falsch\r')
    }
    expect(await terminal.ended()).toBe(4)
    expect(opened[0]).toBeGreaterThan(0)
    expect(opened).toEqual([opened[0], opened[0], opened[0]])
  })

  test('nobody is asked for a password that others could read on the way', async () => {
    await using terminal = open(['ls', 'jftp://ann@files.invalid/'])
    await terminal.sees('so none is sent; write jftps://ann@files.invalid/')
    expect(await terminal.ended()).toBe(2)
    expect(terminal.screen).not.toContain('Password for')
  })

  test('Ctrl-C while the password is asked for ends the command', async () => {
    await using terminal = open(['cat', `${annUrl}/file`])
    await terminal.sees(/Password for ann@.*: /)
    terminal.type('\x03')
    expect(await terminal.ended()).toBe(130)
  })

  test('the shell asks once, logs in again by itself, and keeps no secret', async () => {
    const users = new UsersFile(scratch.path)
    const root = join(scratch.path, 'other')
    mkdirSync(root)
    let own = await DaemonProcess.start(root, users.args)
    try {
      await using terminal = open([own.url.replace('//', '//ann@')])
      await terminal.sees(/Password for ann@.*: /)
      terminal.type('geheim\r')
      await terminal.sees(':/> ')
      terminal.type('mkdir d\r')
      await terminal.sees(':/> ')
      expect(existsSync(join(root, 'ann/d'))).toBe(true)
      await own.stop()
      own = await DaemonProcess.start(root, [...users.args, ...own.again])
      terminal.type('ls\r')
      await terminal.sees('d/')
      await terminal.sees(':/> ')
      terminal.type('user bob\r')
      await terminal.sees(/Password for bob@.*: /)
      terminal.type('anders\r')
      await terminal.sees('bob')
      await terminal.sees(':/> ')
      terminal.type('user ann geheim\r')
      await terminal.sees('user takes one name and no password')
      await terminal.sees(':/> ')
      terminal.type('user\r')
      await terminal.sees('bob')
      await terminal.sees(':/> ')
      terminal.type('open jftp://ann:geheim@127.0.0.1/\r')
      await terminal.sees('a URL holds no password')
      await terminal.sees(':/> ')
      terminal.type('exit\r')
      expect(await terminal.ended()).toBe(0)
      const history = readFileSync(join(scratch.path, 'jftp/history'), 'utf8')
      expect(history).toContain('user bob')
      expect(history).not.toMatch(/geheim|anders/)
    } finally {
      await own.stop('SIGKILL')
    }
  })
})

import { chmodSync, existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ownName } from '@jftp/transfer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { tempFolder } from './temp-folder.js'
import { hasTerminal, Terminal } from './terminal.js'
import { FTPD, ftpd, UsersFile } from './users.js'

let folder: ReturnType<typeof tempFolder>
let users: UsersFile
beforeEach(() => {
  folder = tempFolder()
  users = new UsersFile(folder.path)
})
afterEach(() => folder[Symbol.dispose]())

const listed = async () =>
  (await users.run('list', ['--json'])).stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** What a change of the file needs to come into force. */
const RELOAD = 'an ftpd that runs already reads the users again on SIGHUP: kill -HUP PID\n'

describe('ftpd user', () => {
  test('adds, lists, changes and removes users, and keeps no password', async () => {
    const added = await users.run('add', ['ann', '--password-stdin', '--home', '/ann'], 'open sesame\nmore\n')
    expect(added).toEqual({ exitCode: 0, stdout: `added ann to ${users.path}\n`, stderr: RELOAD })
    await users.add('bob', 'x', '--allow', 'list,read', '--allow', '/inbox=all')
    expect(await listed()).toEqual([
      {
        name: 'ann',
        home: '/ann',
        permissions: [{ path: '/', allows: ['list', 'read', 'write', 'overwrite', 'delete'] }],
        hasPassword: true,
        tokens: 0,
        keys: [],
      },
      {
        name: 'bob',
        home: '/',
        permissions: [
          { path: '/', allows: ['list', 'read'] },
          { path: '/inbox', allows: ['list', 'read', 'write', 'overwrite', 'delete'] },
        ],
        hasPassword: true,
        tokens: 0,
        keys: [],
      },
    ])
    expect(statSync(users.path).mode & 0o777).toBe(0o600)
    const before = readFileSync(users.path, 'utf8')
    expect(before).not.toContain('sesame')
    expect((await users.run('passwd', ['ann', '--password-stdin'], 'new\n')).exitCode).toBe(0)
    expect(readFileSync(users.path, 'utf8')).not.toBe(before)
    expect((await users.run('set', ['bob', '--allow', 'none', '--home', '/b/../c'])).exitCode).toBe(0)
    expect((await users.run('remove', ['ann'])).stdout).toBe('removed ann\n')
    expect(await listed()).toEqual([
      {
        name: 'bob',
        home: '/c',
        permissions: [{ path: '/', allows: [] }],
        hasPassword: true,
        tokens: 0,
        keys: [],
      },
    ])
  })

  test.each<[string[], string, string]>([
    [['add', 'b/x'], '', 'a user name has'],
    [['add', 'anonymous', '--password-stdin'], 'x', 'is not anonymous'],
    [['add', '__proto__', '--password-stdin'], 'x', 'a user name has'],
    [['add'], '', "missing required argument 'NAME'; see ftpd user add --help"],
    [['add', 'eve', 'secret'], '', 'too many arguments'],
    [['add', 'eve'], '', 'there is no terminal to ask for the password on'],
    [['add', 'eve', '--password-stdin'], '\n', 'the password is empty'],
    [['add', 'eve', '--password-stdin'], 'x'.repeat(513), 'more than 512 characters'],
    [['add', 'eve', '--password-file', '/nowhere/x'], '', "can't read --password-file /nowhere/x (ENOENT)"],
    [['add', 'eve', '--password-command', 'echo no >&2; exit 3'], '', '--password-command failed (3): no'],
    [['add', 'eve', '--password-stdin', '--password-file', 'x'], '', 'give only one of'],
    [['add', 'eve', '--password-stdin', '--allow', 'reed'], 'x', '--allow reed: all, none, or some of'],
    [['add', 'eve', '--password-stdin', '--home', '/../x'], 'x', '--home /../x: '],
    [
      ['add', 'eve', '--password-stdin', '--allow', '/a=read', '--allow', '/b/../a=list'],
      'x',
      'twice for /a',
    ],
    [['add', 'ann', '--password-stdin'], 'x', 'the user ann exists already'],
    [['passwd', 'eve', '--password-stdin'], 'x', 'there is no user "eve"'],
    [['set', 'ann'], '', 'nothing to set'],
    [['set', 'ann', '--limit-rate', '10'], '', '--limit-rate 10: bytes per second'],
    [['set', 'ann', '--max-sessions', '0'], '', '--max-sessions 0: a number from 1 on, or none, is needed'],
    [['remove', 'eve'], '', 'there is no user "eve"'],
    [['frob'], '', "unknown command 'frob'; see ftpd user --help"],
  ])('%j is refused and changes nothing', async ([command = '', ...args], input, message) => {
    const before = '{"version":1,"users":[{"name":"ann"}]}'
    writeFileSync(users.path, before, { mode: 0o600 })
    const { exitCode, stderr } = await users.run(command, args, input)
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(exitCode).toBe(2)
    expect(readFileSync(users.path, 'utf8')).toBe(before)
  })

  test('--help says what there is', async () => {
    const { exitCode, stdout } = await ftpd(['user', '--help'])
    expect(exitCode).toBe(0)
    for (const command of ['add', 'passwd', 'set', 'remove', 'list']) expect(stdout).toContain(command)
  })

  test('a password comes from a file or a command too', async () => {
    writeFileSync(join(folder.path, 'pw'), 'from a file\n')
    const file = await users.run('add', ['ann', '--password-file', join(folder.path, 'pw')])
    const command = await users.run('add', ['bob', '--password-command', 'echo from a command'])
    expect([file.exitCode, command.exitCode]).toEqual([0, 0])
  })

  test('twelve changes at once are all kept', async () => {
    const names = Array.from({ length: 12 }, (_each, index) => `user${index}`)
    await Promise.all(names.map((name) => users.add(name, 'x')))
    expect((await listed()).map(({ name }) => name).sort()).toEqual([...names].sort())
    expect(existsSync(`${users.path}.lock`)).toBe(false)
  })

  test('a lock whose process is gone holds nobody up', async () => {
    // As a process writes it, with an id that no process has.
    writeFileSync(`${users.path}.lock`, ownName().replace(/-\d+-\d+-/, '-999999999-1-'))
    await users.add('ann', 'x')
    expect(await listed()).toHaveLength(1)
  })

  test('a users file that is a link is replaced where it is', async () => {
    const elsewhere = new UsersFile(folder.path)
    writeFileSync(join(folder.path, 'real.json'), '{"version":1,"users":[]}', { mode: 0o600 })
    symlinkSync('real.json', elsewhere.path)
    await elsewhere.add('ann', 'x')
    expect(lstatSync(elsewhere.path).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(folder.path, 'real.json'), 'utf8')).toContain('"ann"')
  })
})

describe('ftpd and its users file', () => {
  const start = async (args: string[]) => {
    const daemon = new DaemonProcess([folder.path, '--port', '0', '--log-format', 'json', ...args])
    const { code } = await daemon.exited
    return { code, stderr: daemon.stderr }
  }

  test('a file that others may read is refused', async () => {
    await users.add('ann', 'x')
    chmodSync(users.path, 0o640)
    const { code, stderr } = await start(users.args)
    expect(stderr).toBe(
      `ftpd: others may read or change the users file ${users.path} (mode 640); run: chmod 600 ${users.path}\n`,
    )
    expect(code).toBe(2)
    expect((await users.run('list')).exitCode).toBe(2)
  })

  test.each([
    ['', 'is not JSON: Unexpected end of JSON input'],
    ['{"version":1,"users":[{"name":"ann","pasword":"hunter2"}]}', 'users.0.pasword is not known'],
    ['{"version":1,"users":[{"name":"ann","password":"hunter2"}]}', 'users.0.password'],
    ['{"version":2,"users":[]}', 'version must be 1'],
    ['{"version":1,"users":[{"name":"ann"},{"name":"ann"}]}', 'users has a user twice'],
    ['{"version":1,"users":[{"name":"ann","home":"../x"}]}', 'users.0.home must be an absolute'],
    ['{"version":1,"users":["hunter2', 'is not JSON'],
    [`{"version":1,"users":${'['.repeat(100_000)}`, 'is not JSON'],
  ])('malformed, case %#: it is refused without what may be secret', async (content, message) => {
    writeFileSync(users.path, content, { mode: 0o600 })
    const { code, stderr } = await start(users.args)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter2')
    expect(code).toBe(2)
  })

  test('a file that is named and missing is refused, with what makes it', async () => {
    const { code, stderr } = await start(users.args)
    expect(stderr).toContain(`ftpd user add NAME --users ${users.path}`)
    expect(code).toBe(2)
  })

  test('a named pipe in its place holds nobody up', async () => {
    const { exitCode, stderr } = await ftpd(['user', 'list', '--users', '/dev/null'])
    expect(stderr).toContain('is not a regular file')
    expect(exitCode).toBe(2)
  })
})

test.skipIf(!hasTerminal)('the password is asked for twice and not shown', async () => {
  const onTerminal = (command: string) =>
    new Terminal(['user', command, 'ann', ...users.args], {}, undefined, FTPD)
  await using terminal = onTerminal('add')
  await terminal.sees('New password for ann: ')
  terminal.type('geheim\r')
  await terminal.sees('Once more: ')
  terminal.type('geheim\r')
  await terminal.sees('added ann')
  expect(await terminal.ended()).toBe(0)
  expect(terminal.screen).not.toContain('geheim')
  await using other = onTerminal('passwd')
  await other.sees('New password for ann: ')
  other.type('one\r')
  await other.sees('Once more: ')
  other.type('another\r')
  await other.sees('the two passwords differ; nothing was changed')
  expect(await other.ended()).toBe(2)
})

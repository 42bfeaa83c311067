import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess, SERVER_ARGS } from './daemon.js'
import { type FtpOptions, ftp } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasOpenSsh, SshAgent, SshKeyPair } from './ssh-keys.js'
import { hasTerminal, Terminal } from './terminal.js'
import { UsersFile } from './users.js'

const PASSPHRASE = 'open sesame'

let scratch: ScratchFolder
let daemon: DaemonProcess
let annUrl: string
let agent: SshAgent
let right: SshKeyPair
let locked: SshKeyPair
let stranger: SshKeyPair

beforeAll(async () => {
  scratch = new ScratchFolder()
  if (!hasOpenSsh) return
  right = new SshKeyPair(scratch.local, 'right')
  locked = new SshKeyPair(scratch.local, 'locked', { passphrase: PASSPHRASE })
  stranger = new SshKeyPair(scratch.local, 'stranger')
  const users = new UsersFile(scratch.path)
  await users.add('ann', 'geheim', '--key', right.publicFile, '--key', locked.publicFile)
  daemon = await DaemonProcess.start(scratch.remote, [...SERVER_ARGS, ...users.args])
  annUrl = daemon.url.replace('//', '//ann@')
  agent = await SshAgent.start(scratch.path)
  writeFileSync(join(scratch.remote, 'file'), 'content')
})
afterAll(async () => {
  if (hasOpenSsh) {
    await agent[Symbol.asyncDispose]()
    await daemon.stop('SIGKILL')
  }
  scratch[Symbol.dispose]()
})
beforeEach(() => {
  if (hasOpenSsh) agent.removeAll()
})

const run = (args: readonly string[], options: FtpOptions = {}) =>
  ftp(args, { cwd: scratch.local, ...options })

const cat = (flags: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  run(['cat', `${annUrl}/file`, ...flags], { env })

describe.skipIf(!hasOpenSsh)('a key is taken', () => {
  test.each<[string, string[], () => NodeJS.ProcessEnv, ('right' | 'locked' | 'stranger')[]]>([
    ['from --key', ['--key', 'right'], () => ({}), []],
    ['from $FTP_KEY', [], () => ({ FTP_KEY: 'right' }), []],
    [
      'from --key, before a variable',
      ['--key', 'right'],
      () => ({ FTP_KEY: 'stranger', FTP_PASSWORD: 'x' }),
      [],
    ],
    ['from $FTP_KEY, before a password', [], () => ({ FTP_KEY: 'right', FTP_PASSWORD: 'x' }), []],
    ['from the agent', [], () => agent.env, ['right']],
    ['from the agent, among others', ['--no-input'], () => agent.env, ['stranger', 'right']],
    ['from the agent, for a public key', ['--key', 'right.pub'], () => agent.env, ['stranger', 'right']],
    ['from --key, whatever the agent has', ['--key', 'right'], () => agent.env, ['stranger']],
    ['from --key, and the agent is dead', ['--key', 'right'], () => ({ SSH_AUTH_SOCK: '/none' }), []],
    [
      'and a password wins over the agent',
      [],
      () => ({ ...agent.env, FTP_PASSWORD: 'geheim' }),
      ['stranger'],
    ],
    ['and so it is if the agent is dead', [], () => ({ SSH_AUTH_SOCK: '/none', FTP_PASSWORD: 'geheim' }), []],
  ])('%s', async (_what, flags, env, inAgent) => {
    agent.add(...inAgent.map((name) => ({ right, locked, stranger })[name]))
    const { exitCode, stdout, stderr } = await cat(flags, env())
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'content', stderr: '' })
  })

  test('on every connection of a command', async () => {
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(scratch.local, name), name)
    const put = await run(['put', 'a', 'b', 'c', 'd', `${annUrl}/`, '-j', '3', '--key', 'right'])
    expect(put).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(scratch.remote, 'd'), 'utf8')).toBe('d')
  })
})

describe.skipIf(!hasOpenSsh)('who does not get in', () => {
  test.each<[string, string[], () => NodeJS.ProcessEnv, number, RegExp]>([
    [
      'a key that the server does not know',
      ['--key', 'stranger'],
      () => ({}),
      4,
      /none of the keys is one of theirs/,
    ],
    ['a key that is not there', ['--key', 'none'], () => ({}), 5, /none: no such file/],
    [
      'what is no key',
      ['--key', 'text'],
      () => ({}),
      2,
      /the key text can't be used: it is no public SSH key/,
    ],
    [
      'a key that is encrypted, and nobody may be asked',
      ['--key', 'locked', '--no-input'],
      () => ({}),
      4,
      /locked is encrypted, and --no-input forbids to ask for its passphrase; add it to ssh-agent \(ssh-add locked\)/,
    ],
    [
      'a key that is encrypted, without a terminal',
      ['--key', 'locked'],
      () => agent.env,
      4,
      /locked is encrypted, and there is no terminal/,
    ],
    [
      'a public key, without an agent',
      ['--key', 'right.pub'],
      () => ({}),
      4,
      /ssh-agent has to sign, and there is none \(\$SSH_AUTH_SOCK\)/,
    ],
    [
      'a public key that the agent lacks',
      ['--key', 'right.pub'],
      () => agent.env,
      4,
      /does not have it; run ssh-add/,
    ],
    [
      'a public key, and the agent is dead',
      ['--key', 'right.pub'],
      () => ({ SSH_AUTH_SOCK: '/none' }),
      4,
      /the ssh-agent at \/none can't be used: ENOENT/,
    ],
    [
      'an agent without keys',
      ['--no-input'],
      () => agent.env,
      4,
      /--no-input forbids to ask for it; .*or ssh-agent$/m,
    ],
    ['two sources', ['--key', 'right', '--password-stdin'], () => ({}), 2, /give only one of/],
  ])('%s', async (_what, flags, env, exitCode, message) => {
    writeFileSync(join(scratch.local, 'text'), 'hello\n')
    const end = await cat(flags, env())
    expect(end.stderr).toMatch(message)
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(end.exitCode).toBe(exitCode)
  })

  test('the keys of an agent that the server does not know: the error names both causes', async () => {
    agent.add(stranger)
    const { exitCode, stderr } = await cat(['--no-input'], agent.env)
    expect(stderr).toMatch(
      /--no-input forbids to ask for it; .*; the keys of ssh-agent did not do: .*none of the keys/,
    )
    expect(exitCode).toBe(4)
  })

  test('a key without a user, or that others could misuse', async () => {
    expect(await run(['cat', `${daemon.url}/file`, '--key', 'right'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--key is for a user: name one with -u'),
    })
    expect(await run(['ls', 'jftp://ann@192.0.2.1/', '--key', 'locked'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('so none is sent; write jftps://ann@192.0.2.1/'),
    })
    // A variable may be meant for another server.
    agent.add(right)
    const visitor = await run(['cat', `${daemon.url}/file`], { env: { ...agent.env, FTP_KEY: 'right' } })
    expect(visitor).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('no anonymous visitors') })
  })
})

describe.skipIf(!hasOpenSsh || !hasTerminal)('on a terminal', () => {
  const open = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    new Terminal(args, { cwd: scratch.local, env: { XDG_STATE_HOME: scratch.path, NO_COLOR: '1', ...env } })

  test('the passphrase is asked for without an echo, again if it was mistyped, and once for all connections', async () => {
    await using terminal = open([annUrl, '--key', 'locked'])
    await terminal.sees('Passphrase for the key locked: ')
    terminal.type('falsch\r')
    await terminal.sees('Passphrase for the key locked: ')
    terminal.type(`${PASSPHRASE}\r`)
    await terminal.sees(':/> ')
    terminal.type('cat file & wait\r')
    await terminal.sees('content')
    await terminal.sees(':/> ')
    terminal.type('exit\r')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen).not.toMatch(/falsch|sesame/)
    expect(terminal.screen.match(/Passphrase for/g)).toHaveLength(2)
  })

  test('three wrong passphrases are enough', async () => {
    await using terminal = open(['cat', `${annUrl}/file`, '--key', 'locked'])
    for (let attempt = 0; attempt < 3; attempt++) {
      await terminal.sees('Passphrase for the key locked: ')
      terminal.type('falsch\r')
    }
    await terminal.sees('the passphrase of the key locked is wrong')
    expect(await terminal.ended()).toBe(4)
  })

  test('a key that the agent has needs no passphrase', async () => {
    agent.addUnlocked(locked, PASSPHRASE)
    await using terminal = open(['cat', `${annUrl}/file`, '--key', 'locked'], agent.env)
    await terminal.sees('content')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen).not.toContain('Passphrase')
  })

  test('if the server knows none of the keys of the agent, the password is asked for', async () => {
    agent.add(stranger)
    await using terminal = open(['cat', `${annUrl}/file`], agent.env)
    await terminal.sees(/Password for ann@.*: /)
    terminal.type('geheim\r')
    await terminal.sees('content')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.screen).not.toContain('none of the keys')
  })
})

import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from '@jftp/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaemonProcess, SERVER_ARGS } from './daemon.js'
import { ftp, startFtp } from './ftp-process.js'
import { tempFolder } from './temp-folder.js'
import { ftpd, UsersFile } from './users.js'

/** Programs of the server: what the table `exec` names, and nothing else. */

const folder = tempFolder()
const root = join(folder.path, 'root')
const users = new UsersFile(folder.path)
const TOKEN = `jftp_0123456789ab_${'x'.repeat(43)}`
let daemon: DaemonProcess
let limitedToken = ''

function script(name: string, content: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, `#!/bin/sh\n${content}\n`)
  chmodSync(path, 0o755)
  return path
}

function write(content: string): string {
  const path = join(folder.path, 'ftpd.toml')
  writeFileSync(path, content)
  return path
}

const exists = async (path: string) => {
  while (!existsSync(path)) await sleep(20)
}

beforeAll(async () => {
  mkdirSync(root)
  const config = write(`
[exec.show]
command = ["${script('show', 'printf "%s\\n" "$@"; echo "to stderr" >&2; exit "$SHOW_CODE"')}", "fixed; $(false)"]
users = ["ci"]
arguments = true

[exec.facts]
command = ["${script('facts', 'pwd; env | grep ^FTPD_EXEC_ | sort; cat')}"]
users = ["ci", "anonymous"]

[exec.fail]
command = ["${script('fail', 'echo failed >&2; exit 7')}"]
users = ["ci"]

[exec.die]
command = ["${script('die', 'kill -TERM $$')}"]
users = ["ci"]

[exec.bytes]
command = ["head", "-c", "3000000", "/dev/zero"]
users = ["ci"]
max-output = 4000000

[exec.endless]
command = ["yes"]
users = ["ci"]
max-output = 100000

[exec.slow]
command = ["${script('slow', `touch ${folder.path}/begun; echo begun; sleep 600 & wait; touch ${folder.path}/over`)}"]
users = ["ci"]
timeout = 600

[exec.late]
command = ["sleep", "600"]
users = ["ci"]
timeout = 1

[exec.missing]
command = ["/no/such/program"]
users = ["ci"]

[exec.escape]
command = ["printf", "\\\\033[31mred\\\\033[0m"]
users = ["ci"]

[exec.quiet]
command = ["sleep", "2"]
users = ["ci"]
`)
  await users.add('ci', 'a password of ci')
  await users.add('other', 'a password of other')
  users.giveToken('ci', TOKEN)
  limitedToken = (await users.addToken('ci', '--allow', 'all')).token
  const args = [...SERVER_ARGS, ...users.args, '--anonymous', 'write', '--config', config]
  daemon = await DaemonProcess.start(root, args, { env: { SHOW_CODE: '0' } })
})

afterAll(async () => {
  await daemon.stop()
  folder[Symbol.dispose]()
})

const run = (args: readonly string[], token = TOKEN) =>
  ftp(args, { env: { FTP_URL: `${daemon.url}/`, FTP_TOKEN: token, FTP_USER: token === '' ? '' : 'ci' } })

describe('exec', () => {
  test('runs a program with its fixed arguments and those that are given, without a shell', async () => {
    expect(await run(['exec', 'show', '--', '-a', '$(id)', 'two words', '*', ''])).toMatchObject({
      exitCode: 0,
      stdout: 'fixed; $(false)\n-a\n$(id)\ntwo words\n*\n\n',
      stderr: 'to stderr\n',
    })
    const line = await daemon.logged(({ type, name }) => type === 'program' && name === 'show')
    expect(line).toMatchObject({
      result: 'ok',
      exitCode: 0,
      user: 'ci',
      text: expect.stringContaining('exec show'),
    })
  })

  test('tells the program who runs it, and gives it the folder served and no input', async () => {
    const { exitCode, stdout } = await run(['exec', 'facts'])
    expect([exitCode, stdout.split('\n')]).toEqual([
      0,
      [
        realpathSync(root),
        expect.stringMatching(/^FTPD_EXEC_ADDRESS=(127\.0\.0\.1|unix)$/),
        'FTPD_EXEC_NAME=facts',
        'FTPD_EXEC_USER=ci',
        '',
      ],
    ])
  })

  test('a program that fails ends with exit code 1, and says its own', async () => {
    expect(await run(['exec', 'fail'])).toMatchObject({
      exitCode: 1,
      stderr: 'failed\nftp: exec: fail ended with exit code 7\n',
    })
    expect(await run(['exec', 'die'])).toMatchObject({
      exitCode: 1,
      stderr: 'ftp: exec: die was killed by SIGTERM\n',
    })
  })

  test('--json prints what the program prints and how it ended', async () => {
    const { exitCode, events } = await run(['--json', 'exec', 'fail'])
    expect(exitCode).toBe(1)
    expect(events).toMatchObject([
      { v: 1, event: 'program-output', stream: 'stderr', text: 'failed\n' },
      { v: 1, event: 'program-end', name: 'fail', exitCode: 7 },
      { event: 'error' },
      { event: 'result', exitCode: 1 },
    ])
  })

  test('passes bytes as they are, and more of them than fit into memory at once', async () => {
    const { exitCode, bytes } = await run(['exec', 'bytes'])
    expect(exitCode).toBe(0)
    expect(bytes.equals(Buffer.alloc(3_000_000))).toBe(true)
  })

  test('a program that prints or takes too much is ended, and the message says so', async () => {
    expect(await run(['exec', 'endless'])).toMatchObject({
      exitCode: 9,
      stderr: expect.stringContaining('endless printed more than 100000 bytes and was ended'),
    })
    expect(await run(['exec', 'late'])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('late took longer than 1 s and was ended'),
    })
  })

  test('a program that prints nothing for longer than --timeout is waited for', async () => {
    expect(await run(['--timeout', '1', 'exec', 'quiet'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('Ctrl-C kills the program with all that it has started', async () => {
    const { child, end } = startFtp(['exec', 'slow'], {
      env: { FTP_URL: `${daemon.url}/`, FTP_TOKEN: TOKEN, FTP_USER: 'ci' },
    })
    await exists(join(folder.path, 'begun'))
    child.kill('SIGINT')
    expect(await end).toMatchObject({ exitCode: 130 })
    await daemon.logged(
      ({ type, name, result }) => type === 'program' && name === 'slow' && result === 'cancelled',
    )
    expect(existsSync(join(folder.path, 'over'))).toBe(false)
  })

  test.each([
    [
      'a name that the operator has not given',
      ['nothing'],
      TOKEN,
      /no program "nothing" that ci may run here/,
    ],
    ['a path', ['/bin/sh'], TOKEN, /no program "\/bin\/sh" that ci may run here/],
    ['a program of others, in the same words', ['show'], '', /no program "show" that anonymous may run here/],
    [
      'a token with permissions of its own',
      ['show'],
      'limited',
      /a token with permissions of its own runs no programs/,
    ],
  ])('%s is refused with exit code 6', async (_what, args, token, message) => {
    const { exitCode, stdout, stderr } = await run(
      ['exec', ...args],
      token === 'limited' ? limitedToken : token,
    )
    expect([exitCode, stdout]).toEqual([6, ''])
    expect(stderr).toMatch(message)
  })

  test('arguments for a program that takes none are refused, and so is a missing name', async () => {
    expect(await run(['exec', 'facts', 'x'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('facts takes no arguments on this server'),
    })
    expect(await run(['exec'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('NAME is missing'),
    })
  })

  test('a program that can not be started is a failure whose cause is in the log alone', async () => {
    const { exitCode, stderr } = await run(['exec', 'missing'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('missing could not be started')
    expect(stderr).not.toContain('/no/such')
    expect(await daemon.logged(({ type, cmd }) => type === 'fault' && cmd === 'exec')).toMatchObject({
      cause: expect.stringContaining('ENOENT'),
    })
  })

  test('the library tells what is printed, and kills a program that is left', async () => {
    await using client = open(daemon.url, { token: TOKEN })
    const items = []
    for await (const item of client.exec('escape')) items.push(item)
    expect(items).toEqual([
      { type: 'output', stream: 'stdout', data: Buffer.from('\u001b[31mred\u001b[0m') },
      { type: 'exit', exitCode: 0 },
    ])
    for await (const item of client.exec('slow')) {
      expect(item).toMatchObject({ type: 'output' })
      break
    }
    await client.ping()
    await expect(async () => {
      for await (const item of client.exec('show', ['a\0b'])) throw new Error(`got ${item.type}`)
    }).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('a program whose ftpd ends', () => {
  /** A process that nobody has waited for yet is a zombie, and has ended. */
  const isAlive = (pid: number) => {
    try {
      return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    } catch {
      return false
    }
  }

  test.each(['SIGTERM', 'SIGKILL'] as const)('by %s is killed', async (signal) => {
    const pidFile = join(folder.path, `pid-${signal}`)
    const content = `echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 600`
    const config = join(folder.path, 'ending.toml')
    writeFileSync(
      config,
      `[exec.stay]\ncommand = ["${script('stay', content)}"]\nusers = ["anonymous"]\ntimeout = 600`,
    )
    const args = [...SERVER_ARGS, '--anonymous', 'write', '--grace', '1', '--config', config]
    const other = await DaemonProcess.start(root, args)
    const { child, end } = startFtp(['--retries', '0', 'exec', 'stay'], { env: { FTP_URL: `${other.url}/` } })
    try {
      await exists(pidFile)
      const pid = Number(readFileSync(pidFile, 'utf8'))
      await other.stop(signal)
      while (isAlive(pid)) await sleep(20)
      expect(await end).toMatchObject({ exitCode: 3 })
    } finally {
      child.kill('SIGKILL')
      await other.stop('SIGKILL')
    }
  })
})

describe('the table exec', () => {
  const mistakes: [what: string, content: string, message: string][] = [
    ['no table', 'exec = 1', ':1: exec: a table for each program is needed: [exec.NAME]'],
    ['a program without a table', '[exec]\nx = 1', ':2: exec.x: a table is needed: [exec.x]'],
    ['no command', '[exec.x]\nusers = ["a"]', 'exec.x.command: a program and its first arguments are needed'],
    ['a command line', '[exec.x]\ncommand = "ls -l"\nusers = ["a"]', ':2: exec.x.command: a program and its'],
    [
      'nobody',
      '[exec.x]\ncommand = ["ls"]\nusers = []',
      ':3: exec.x.users: the names of those who may run it',
    ],
    [
      'another key',
      '[exec.x]\ncommand = ["ls"]\nshell = true',
      ':3: exec.x.shell: there are only command, users',
    ],
    [
      'a time',
      '[exec.x]\ncommand = ["ls"]\nusers = ["a"]\ntimeout = "1m"',
      ':4: exec.x.timeout: a whole number',
    ],
  ]

  test.each(mistakes)('%s: exit code 2, with file, line and cause', async (_what, content, message) => {
    const path = join(folder.path, 'wrong.toml')
    writeFileSync(path, content)
    const { exitCode, stderr } = await ftpd(['check', '--config', path, root])
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
  })

  test('ftpd check shows what may be run, by whom', async () => {
    const { exitCode, stdout } = await ftpd(['check', '--config', join(folder.path, 'ftpd.toml'), root])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('exec.fail')
    expect(readFileSync(join(folder.path, 'ftpd.toml'), 'utf8')).toContain('[exec.fail]')
  })
})

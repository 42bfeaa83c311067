import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type FtpOptions, ftp } from './ftp-process.js'
import { daemon, local, remote, scratch, serveScratch } from './served-scratch.js'

serveScratch()

const configHome = () => join(scratch.path, 'config')
const configFile = () => join(configHome(), 'jftp/config.toml')

beforeEach(() => {
  rmSync(configHome(), { recursive: true, force: true })
  rmSync(local('.jftp.toml'), { force: true })
  mkdirSync(join(configHome(), 'jftp'), { recursive: true })
  writeFileSync(local('a'), 'new')
})

const config = (text: string) => writeFileSync(configFile(), text)
const project = (text: string) => writeFileSync(local('.jftp.toml'), text)
const run = (args: readonly string[], { env, ...options }: FtpOptions = {}) =>
  ftp(args, { cwd: scratch.local, env: { XDG_CONFIG_HOME: configHome(), ...env }, ...options })
const shown = async (name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  (await run([...args, 'set', name], { env })).stdout.trim().replace(/\s+#.*$/, '')

describe('config.toml', () => {
  test('names the server and how commands behave, in all forms', async () => {
    config(`url = "${daemon.url}"\non-exists = "skip"\n`)
    writeFileSync(remote('a'), 'old')
    expect(await run(['put', 'a'])).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('1 skipped'),
    })
    expect(await run(['-q', '-c', 'put a'])).toMatchObject({ exitCode: 0 })
    expect(await run(['-q'], { input: 'put a\n' })).toMatchObject({ exitCode: 0 })
    expect(readFileSync(remote('a'), 'utf8')).toBe('old')
    expect(await run(['-q', 'put', 'a', '--on-exists', 'overwrite'])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(remote('a'), 'utf8')).toBe('new')
  })

  test('is another file with --config or $FTP_CONFIG, which has to exist', async () => {
    config('digest = "sha256"')
    writeFileSync(local('other.toml'), 'digest = "none"')
    expect(await shown('digest', ['--config', 'other.toml'])).toBe('digest none')
    expect(await shown('digest', [], { FTP_CONFIG: 'other.toml' })).toBe('digest none')
    expect(await run(['set', '--config=missing.toml'])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(/^ftp: .*missing\.toml: there is no such file, or it may not be read\n$/),
    })
  })

  test.each([
    ['on_exists = "skip"', 1, "on_exists: there is no such setting; did you mean 'on-exists'?"],
    ['# a\nlook = 1', 2, 'look: there is no such setting; there are url, user, '],
    ['\non-exists = "maybe"', 2, 'on-exists must be overwrite, skip, resume, newer, rename or fail'],
    ['jobs = 65', 1, "jobs is a number of connections from 1 to 64, not '65'"],
    ['quiet = "yes"', 1, 'quiet is true or false, not "yes"'],
    ['digest = ["md5"]', 1, 'digest is a text or a number, not ["md5"]'],
    ['jobs = 2\n[profile.a]\nretries = "x"', 3, "retries must be a number from 0 to 999999, not 'x'"],
    ['profile = "a"', 1, 'profile: this is a table, and begins with [profile.NAME]'],
    ['[alias]\nll = 3', 2, 'alias.ll: an alias is a text: ll = "ls -l"'],
    [
      'password-file = "pw"',
      1,
      'password-file is for one server: write its url (jftps://…) in the same table',
    ],
    ['json = true', 1, 'json: there is no such setting'],
    ['jobs = = 2', 1, 'this is no TOML: '],
  ])('is refused with its line: %j', async (text, line, message) => {
    config(text)
    const { exitCode, stderr } = await run(['ls', `${daemon.url}/`])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining(`ftp: ${configFile()}:${line}: ${message}`),
    })
    expect(stderr.split('\n')).toHaveLength(2)
  })

  test('that is wrong keeps nobody from reading help', async () => {
    config('look = 1')
    expect(await run(['--help'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('is not read if others may write to it', async () => {
    config('digest = "none"')
    chmodSync(configFile(), 0o666)
    expect(await run(['set', 'digest'])).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining(`run: chmod go-w ${configFile()}`),
    })
  })

  test.skipIf(process.getuid?.() !== 0)('in a home folder of somebody else is left alone', async () => {
    config('jobs = 3')
    const command = ['setpriv', '--reuid=12345', '--clear-groups', '--']
    const end = await run(['set', 'jobs'], { command, cwd: '/' })
    expect(end).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^jobs 1 +# default/),
      stderr: '',
    })
  })

  test('gives a password to its own server only', async () => {
    writeFileSync(local('pw'), 'secret\n')
    config(`url = "jftp://ann@localhost:1/"\npassword-file = "${local('pw')}"\n`)
    // Where it is meant for, the password is read; elsewhere one would have to be asked for.
    expect(await run(['ls', 'jftp://ann@localhost:1/'])).toMatchObject({ exitCode: 3 })
    for (const url of ['jftp://ann@localhost:2/', 'jftp://bob@localhost:1/', 'jftps://ann@localhost:1/']) {
      expect(await run(['ls', url, '--no-input'])).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining('--no-input forbids to ask for it'),
      })
    }
  })
})

describe('what wins', () => {
  test('flags over variables over a profile over the project over config.toml', async () => {
    const names = ['sha256', 'none', 'blake3', 'xxh128', 'md5']
    config(`digest = "${names[0]}"\n[profile.ci]\ndigest = "${names[2]}"\n[profile.other]\ndigest = "md5"`)
    expect(await shown('digest')).toBe(`digest ${names[0]}`)
    project(`digest = "${names[1]}"`)
    expect(await shown('digest')).toBe(`digest ${names[1]}`)
    expect(await shown('digest', [], { FTP_PROFILE: 'ci' })).toBe(`digest ${names[2]}`)
    expect(await shown('digest', ['--profile', 'ci'], { FTP_PROFILE: 'other' })).toBe(`digest ${names[2]}`)
    const env = { FTP_PROFILE: 'ci', FTP_DIGEST: names[3] }
    expect(await shown('digest', [], env)).toBe(`digest ${names[3]}`)
    expect(await shown('digest', ['--digest', 'md5'], env)).toBe('digest md5')
    const { events } = await run(['put', 'a', `${daemon.url}/win`, '--json', '--digest', 'md5'], { env })
    expect(events).toContainEqual(
      expect.objectContaining({ digest: expect.objectContaining({ alg: 'md5' }) }),
    )
    const other = await run(['put', 'a', `${daemon.url}/win`, '--json'], { env })
    expect(other.events).toContainEqual(
      expect.objectContaining({ digest: expect.objectContaining({ alg: names[3] }) }),
    )
  })

  test('a switch can be turned off again', async () => {
    config('quiet = true\n[profile.loud]\nquiet = false')
    expect((await run(['put', 'a', `${daemon.url}/loud`])).stderr).toBe('')
    expect((await run(['--profile', 'loud', 'put', 'a', `${daemon.url}/loud`])).stderr).toContain('1 sent')
  })

  test('a profile that does not exist is refused, and so is one in the middle of a script', async () => {
    config('[profile.ci]\njobs = 2')
    expect(await run(['--profile', 'cd', 'ls'])).toMatchObject({
      exitCode: 2,
      stderr: "ftp: no profile 'cd': there are ci; a profile begins with [profile.cd]\n",
    })
    expect(await run(['-q', '-c', 'set jobs --profile ci'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--profile is for the command line that starts ftp'),
    })
  })
})

describe("a project's file", () => {
  describe('that names the server', () => {
    const server = () => `${daemon.url.replace('://', '://ann@')}/`
    const secret = { FTP_TOKEN: 'a token' }
    const refusal = (name: string) => ({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(
          `${name} is not sent to .*, because only .*\\.jftp\\.toml:1 names that server; name it on the command line`,
        ),
      ),
    })

    test.each<[name: string, env: NodeJS.ProcessEnv, args: string[]]>([
      ['\\$FTP_TOKEN', { FTP_TOKEN: 'a token' }, []],
      ['\\$FTP_PASSWORD', { FTP_PASSWORD: 'a password' }, []],
      ['\\$FTP_PASSWORD_FILE', { FTP_PASSWORD_FILE: 'pw' }, []],
      ['--token-file', {}, ['--token-file', 'pw']],
      ['--password-file', {}, ['--password-file', 'pw']],
      ['--password-stdin', {}, ['--password-stdin']],
    ])('gets no secret: %s', async (name, env, args) => {
      writeFileSync(local('pw'), 'secret\n')
      project(`url = "${server()}"`)
      for (const command of [['ls'], ['login', 'ann'], ['-c', 'ls']]) {
        expect(await run(['--no-input', ...args, ...command], { env, input: '' })).toMatchObject(
          refusal(name),
        )
      }
    })

    test('gets no secret if a profile of the project names it', async () => {
      project(`[profile.ci]\nurl = "${server()}"`)
      const end = await run(['--profile', 'ci', '--no-input', 'ls'], { env: secret })
      expect(end).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('$FTP_TOKEN is not sent to') })
    })

    test('is used without a secret', async () => {
      project(`url = "${daemon.url}/"`)
      expect(await run(['--no-input', 'ls'])).toMatchObject({ exitCode: 0 })
      // The variable counts only where a user is named.
      expect(await run(['--no-input', 'ls'], { env: secret })).toMatchObject({ exitCode: 0 })
    })

    test('gets a secret if the user names it too', async () => {
      project(`url = "${server()}"`)
      // The server has no user with this token, so it has refused it.
      const sent = { exitCode: 4, stderr: expect.not.stringContaining('is not sent') }
      expect(await run(['--no-input', 'ls', server()], { env: secret })).toMatchObject(sent)
      expect(await run(['--no-input', '--url', server(), 'ls'], { env: secret })).toMatchObject(sent)
      expect(await run(['--no-input', 'ls'], { env: { ...secret, FTP_URL: server() } })).toMatchObject(sent)
      expect(await run(['--no-input', '-c', 'ls', server()], { env: secret })).toMatchObject(sent)
      writeFileSync(local('pw'), 'secret\n')
      config(`url = "${server()}"\ntoken-file = "${local('pw')}"\n`)
      expect(await run(['--no-input', 'ls'])).toMatchObject(sent)
    })

    test('by a bookmark of the user gets a secret', async () => {
      writeFileSync(join(configHome(), 'jftp/bookmarks.toml'), `nas = "${server()}"\n`)
      project('url = "nas"')
      expect(await run(['--no-input', 'ls'], { env: secret })).toMatchObject({
        exitCode: 4,
        stderr: expect.not.stringContaining('is not sent'),
      })
    })
  })

  test.each([
    ['alias.x = "!touch ran"', 'alias: an alias may run local programs'],
    [
      'url = "jftp://h/"\ntoken-file = "t"',
      "token-file: a project's file must not say which secret is sent where",
    ],
    ['ca = "theirs.pem"', "ca: a project's file must not say which servers are trusted; use config.toml"],
    [
      `[profile.ci]\nurl = "jftps://h/"\npin = "sha256:${'0'.repeat(64)}"`,
      "pin: a project's file must not say which servers are trusted; use config.toml",
    ],
  ])('may not do everything: %j', async (text, message) => {
    project(text)
    expect(await run(['x'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) })
    expect(existsSync(local('ran'))).toBe(false)
  })

  test('with very many lines does not keep ftp busy when one of them is wrong', async () => {
    project(`${'# c\n'.repeat(60_000)}wrong-key = 1\n`)
    expect(await run(['ls'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('.jftp.toml:60001: wrong-key: there is no such setting'),
    })
  })

  test.skipIf(process.getuid?.() !== 0)('is refused if somebody else has put it there', async () => {
    project('jobs = 2')
    const { chownSync } = await import('node:fs')
    chownSync(local('.jftp.toml'), 12345, 12345)
    expect(await run(['set', 'jobs'])).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('.jftp.toml belongs to another user'),
    })
  })
})

describe('set', () => {
  test('changes a setting for the commands that follow, and takes it back', async () => {
    writeFileSync(remote('kept'), 'old')
    writeFileSync(local('kept'), 'new')
    const lines = 'set on-exists skip; put kept; set on-exists; set --default on-exists; set on-exists'
    const end = await run(['-q', '-c', lines, daemon.url])
    expect(end).toMatchObject({ exitCode: 0 })
    expect(end.stdout).toMatch(/^on-exists skip +# set\non-exists overwrite +# default\n$/)
    expect(readFileSync(remote('kept'), 'utf8')).toBe('old')
  })

  test('says where each setting comes from', async () => {
    config('\njobs = 3\n')
    const { stdout } = await run(['set'], { env: { FTP_DIGEST: 'none' } })
    expect(stdout).toMatch(new RegExp(`^jobs 3 +# ${configFile()}:2$`, 'm'))
    expect(stdout).toMatch(/^digest none +# \$FTP_DIGEST$/m)
    expect(stdout).toMatch(/^retries 3 +# default$/m)
    const { events } = await run(['set', 'jobs', '--json'])
    expect(events[0]).toEqual({
      v: 1,
      event: 'setting',
      name: 'jobs',
      value: '3',
      origin: `${configFile()}:2`,
    })
  })

  test('holds in a script that is sourced, and after it', async () => {
    writeFileSync(local('rc'), 'set digest none\nset digest\n')
    const { stdout } = await run(['-q', '-c', 'source rc; set digest', daemon.url])
    expect(stdout.replaceAll(/ +# set/g, '')).toBe('digest none\ndigest none\n')
  })

  test('flags of a script hold in it, and not after it', async () => {
    writeFileSync(local('rc'), 'set digest\n')
    const { stdout } = await run(['-q', '-c', 'source rc --digest none; set digest', daemon.url])
    expect(stdout.replaceAll(/ +#.*/g, '')).toBe('digest none\ndigest md5\n')
  })

  test('a flag of one command wins over it', async () => {
    const put = await run(['--json', '-c', 'set digest none; put a --digest sha256', daemon.url])
    expect(put.events).toContainEqual(
      expect.objectContaining({ event: 'transfer', digest: expect.objectContaining({ alg: 'sha256' }) }),
    )
  })

  test.each([
    ['set jbos 2', "no setting 'jbos'; did you mean 'jobs'?"],
    ['set jobs many', "jobs is a number of connections from 1 to 64, not 'many'"],
    ['set quiet maybe', "quiet is true or false, not 'maybe'"],
    ['set url jftp://x', "'open' says which server is used, not 'set url'"],
    ['set --default jobs 2', 'give a value or --default, not both'],
  ])('%s is refused', async (line, message) => {
    expect(await run(['-q', '-c', line])).toMatchObject({ exitCode: 2, stderr: `ftp: set: ${message}\n` })
  })
})

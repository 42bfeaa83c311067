import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { type FtpOptions, ftp } from './ftp-process.js'
import { daemon, local, remote, scratch, serveScratch } from './served-scratch.js'
import { hasTerminal, Terminal } from './terminal.js'

serveScratch(() => {
  mkdirSync(remote('deep/er'), { recursive: true })
  writeFileSync(remote('deep/er/file'), 'content')
})

const configHome = () => join(scratch.path, 'config')
const file = (name: string) => join(configHome(), 'jftp', name)
const run = (args: readonly string[], { env, ...options }: FtpOptions = {}) =>
  ftp(args, { cwd: scratch.local, env: { XDG_CONFIG_HOME: configHome(), ...env }, ...options })

beforeEach(() => {
  rmSync(configHome(), { recursive: true, force: true })
})

const config = (text: string) => {
  mkdirSync(join(configHome(), 'jftp'), { recursive: true })
  writeFileSync(file('config.toml'), text)
}

describe('a bookmark', () => {
  test('names a server and a folder, wherever a server is named', async () => {
    expect(await run(['bookmark', 'add', 'nas', `${daemon.url}/deep`])).toMatchObject({
      ...{ exitCode: 0, stdout: '', stderr: '' },
    })
    expect((await run(['ls', '--url', 'nas'])).stdout).toBe('er/\n')
    expect((await run(['ls', 'er'], { env: { FTP_URL: 'nas' } })).stdout).toBe('file\n')
    expect((await run(['-q', '-c', 'pwd', 'nas'])).stdout).toBe('/deep\n')
    expect((await run(['-q', '-c', 'open nas; pwd'])).stdout).toBe('/deep\n')
    expect((await run(['-q'], { input: 'open nas\ncd er\npwd\n' })).stdout).toBe('/deep/er\n')
    config('url = "nas"')
    expect((await run(['ls'])).stdout).toBe('er/\n')
  })

  test('is the current folder if no URL is given, and is listed, changed and removed', async () => {
    const end = await run([
      '-q',
      '-c',
      'cd deep/er; bookmark add here; bookmark add a host; bookmark',
      daemon.url,
    ])
    expect(end).toMatchObject({ exitCode: 0, stdout: `a     jftp://host\nhere  ${daemon.url}/deep/er\n` })
    expect(await run(['bookmark', 'add', 'a', 'jftps://ann@other:9/x'])).toMatchObject({ exitCode: 0 })
    expect((await run(['bookmark', 'list', '--json'])).events).toContainEqual({
      ...{ v: 1, event: 'bookmark', name: 'a', url: 'jftps://ann@other:9/x' },
    })
    expect(await run(['bookmark', 'del', 'a', 'here'])).toMatchObject({ exitCode: 0 })
    expect(await run(['bookmark'])).toMatchObject({ exitCode: 0, stdout: '' })
  })

  test('stands in a file of its owner alone, whose comments stay', async () => {
    await run(['bookmark', 'add', 'one', 'host1'])
    expect(statSync(file('bookmarks.toml')).mode & 0o777).toBe(0o600)
    writeFileSync(file('bookmarks.toml'), '# mine\none = "jftp://host1"\n')
    await run(['bookmark', 'add', 'two', 'host2'])
    await run(['bookmark', 'del', 'one'])
    expect(readFileSync(file('bookmarks.toml'), 'utf8')).toBe('# mine\ntwo = "jftp://host2"\n')
    expect(readdirSync(join(configHome(), 'jftp'))).toEqual(['bookmarks.toml'])
  })

  test.skipIf(process.getuid?.() !== 0)('is not added to a file that may not be read', async () => {
    await run(['bookmark', 'add', 'old', 'host1'])
    // The folder is the user's own, so the file could be replaced.
    for (const path of [configHome(), join(configHome(), 'jftp')]) chownSync(path, 12345, 12345)
    for (const path of [scratch.path, scratch.local]) chmodSync(path, 0o755)
    const command = ['setpriv', '--reuid=12345', '--clear-groups', '--']
    expect(await run(['bookmark', 'add', 'new', 'host2'], { command })).toMatchObject({ exitCode: 6 })
    expect(readFileSync(file('bookmarks.toml'), 'utf8')).toBe('old = "jftp://host1"\n')
  })

  test.each<[string[], number, string]>([
    [['add', 'a b', 'host'], 2, "'a b' can't be a bookmark: a name has letters, digits, - and _ only"],
    [['add', 'nas', 'jftp://ann:secret@host/'], 2, 'a URL holds no password'],
    [['add', 'nas', 'http://host/'], 2, 'not a URL of jftp: "http://host/": the scheme must be'],
    [['add'], 2, 'bookmark add takes NAME [URL]'],
    [['add', 'nas'], 2, 'no server to talk to'],
    [['del'], 2, 'bookmark del takes NAME…'],
    [['del', 'nas'], 5, "there is no bookmark 'nas'; 'bookmark list' lists them"],
    [['show'], 2, "'show' is not add, del or list"],
  ])('can be wrong: bookmark %j', async (args, exitCode, message) => {
    expect(await run(['bookmark', ...args])).toMatchObject({
      exitCode,
      stderr: expect.stringContaining(`ftp: bookmark: ${message}`),
    })
    expect(existsSync(file('bookmarks.toml'))).toBe(false)
  })

  test('in a file that is wrong is refused with its line, and the file stays', async () => {
    config('')
    const text = '# mine\none = 1\n'
    writeFileSync(file('bookmarks.toml'), text)
    expect(await run(['bookmark', 'add', 'two', 'host'])).toMatchObject({
      exitCode: 2,
      stderr: `ftp: bookmark: ${file('bookmarks.toml')}:2: one: a bookmark is a name and a URL: nas = "jftp://host/folder"\n`,
    })
    expect(readFileSync(file('bookmarks.toml'), 'utf8')).toBe(text)
  })
})

describe('an alias', () => {
  test('of config.toml stands for commands in every form', async () => {
    config('[alias]\nnames = "ls -1"\nboth = "cd $1 && ls $2"')
    expect(await run(['names', `${daemon.url}/deep`])).toMatchObject({ exitCode: 0, stdout: 'er/\n' })
    expect((await run(['-q', '--url', daemon.url, 'names', 'deep'])).stdout).toBe('er/\n')
    expect((await run(['-q', '-c', 'both deep er', daemon.url])).stdout).toBe('file\n')
    expect((await run(['-q', daemon.url], { input: '@both deep er\n-names missing\nnames\n' })).stdout).toBe(
      'file\ner/\n',
    )
    writeFileSync(local('script'), `open ${daemon.url}\nnames deep > listed\n`)
    expect(await run(['-q', 'run', 'script'])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(local('listed'), 'utf8')).toBe('er/\n')
  })

  test('may be made, shown and removed, and inside of itself it is none', async () => {
    const lines = "alias ls 'ls -1'; alias ls; ls deep; alias -d ls; alias; alias ls"
    const end = await run(['-q', '-c', lines, daemon.url])
    expect(end).toMatchObject({
      exitCode: 5,
      stdout: "alias ls 'ls -1'\ner/\n",
      stderr: "ftp: alias: there is no alias 'ls'; 'alias' lists them\n",
    })
  })

  test('takes patterns, and its answers may go to a program', async () => {
    const lines = "alias look 'ls -1 $1'; look 'd*'; look d*/er | sed s/file/FILE/"
    const end = await run(['-q', '-c', lines, daemon.url])
    expect(end).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('d*') })
    const piped = await run(['-q', '-c', lines.replace("look 'd*'; ", ''), daemon.url])
    expect(piped).toMatchObject({ exitCode: 0, stdout: 'FILE\n' })
  })

  test('that is one command fails as that does, and of several the first failure is the end', async () => {
    const lines = "alias go 'cd missing; mkdir made'; go"
    expect(await run(['-q', '-c', lines, daemon.url])).toMatchObject({ exitCode: 5 })
    expect(existsSync(remote('made'))).toBe(false)
    const or = "alias go 'cd missing || pwd'; go"
    expect(await run(['-q', '-c', or, daemon.url])).toMatchObject({ exitCode: 0, stdout: '/\n' })
  })

  test('may run in the background', async () => {
    const end = await run(['-q', '-c', "alias l 'ls -1'; l deep & wait", daemon.url])
    expect(end).toMatchObject({ exitCode: 0, stderr: 'er/\n' })
  })

  test.each([
    ['alias a b; alias b a; a', "the alias 'a' leads back to 'a'; 'alias' lists them"],
    ['alias a a; a', "the alias 'a' leads back to 'a'; 'alias' lists them"],
    ["alias a 'pwd &'; a", "the alias 'a' can't start a job; write & behind its name instead"],
    ["alias a 'ls $2'; a x", "the alias 'a' takes at least 2 words"],
    ["alias a '!true'; a x", "'x' has no place in the alias 'a', which ends in a local program"],
    ['alias a "ls \'x"; a', "a ' is not closed"],
    ['alias a/b ls', "alias: 'a/b' can't be an alias: a name has letters, digits, _ . + - only"],
  ])('can be wrong: %s', async (lines, message) => {
    expect(await run(['-q', '-c', lines])).toMatchObject({ exitCode: 2, stderr: `ftp: ${message}\n` })
  })
})

test.skipIf(!hasTerminal)('Tab completes bookmarks, aliases and settings', async () => {
  config('[alias]\nnames = "ls -1"')
  await run(['bookmark', 'add', 'nashville', `${daemon.url}/deep`])
  await using terminal = new Terminal([], {
    cwd: scratch.local,
    env: { XDG_CONFIG_HOME: configHome(), XDG_STATE_HOME: scratch.path, NO_COLOR: '1' },
  })
  await terminal.sees('ftp> ')
  terminal.type('open nas\t')
  await terminal.sees('open nashville ')
  terminal.type('\r')
  await terminal.sees(':/deep> ')
  terminal.type('nam\t')
  await terminal.sees('names ')
  terminal.type('\r')
  await terminal.sees('er/')
  await terminal.sees(':/deep> ')
  terminal.type('set on-e\t')
  await terminal.sees('set on-exists ')
  terminal.type('skip\rset on-exists\r')
  await terminal.sees(/on-exists skip +# set/)
  terminal.type('\x04')
})

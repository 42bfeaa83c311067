import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { type FtpEnd, ftp } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'

let scratch: ScratchFolder
let daemon: DaemonProcess
const local = (name: string) => join(scratch.local, name)
const remote = (name: string) => join(scratch.remote, name)

beforeAll(async () => {
  scratch = new ScratchFolder()
  const config = join(scratch.path, 'ftpd.toml')
  writeFileSync(config, '[exec.hello]\ncommand = ["echo", "hello"]\nusers = ["anonymous"]\n')
  daemon = await DaemonProcess.start(scratch.remote, ['--workers', '2', '--config', config])
})
afterAll(async () => {
  await daemon.stop('SIGKILL')
  scratch[Symbol.dispose]()
})

/** Before each run of `ftp` both folders and the settings are the same. */
function reset(): void {
  for (const folder of [scratch.local, scratch.remote]) {
    for (const name of readdirSync(folder))
      if (name !== '.jftp') rmSync(join(folder, name), { recursive: true })
  }
  rmSync(join(scratch.path, 'config'), { recursive: true, force: true })
  mkdirSync(remote('deep'))
  mkdirSync(remote('empty'))
  mkdirSync(remote('same'))
  mkdirSync(local('dir'))
  writeFileSync(remote('deep/inner'), 'inner')
  writeFileSync(remote('file'), 'content')
  writeFileSync(remote('same/x'), 'x')
  writeFileSync(local('dir/x'), 'x')
  writeFileSync(local('a'), 'new')
  writeFileSync(local('script'), 'pwd\n')
}
beforeEach(reset)

interface Case {
  readonly line: string
  readonly exitCode: number
  /** What stderr has; of a case that succeeds it is empty. */
  readonly stderr: string
}

interface Row {
  readonly command: string
  readonly good: string
  readonly stdout: string | RegExp
  /** Checks what the good case has done. */
  readonly effect?: () => void
  readonly bad: Case
  /** A line that the good case needs before it. Such a command means nothing in a process of its own. */
  readonly before?: string
}

/** By default the bad case is one of usage. */
const bad = (line: string, stderr: string, exitCode = 2): Case => ({ line, stderr, exitCode })
const isRemote = (name: string, content: string) => () =>
  expect(readFileSync(remote(name), 'utf8')).toBe(content)
const isLocal = (name: string, content: string) => () =>
  expect(readFileSync(local(name), 'utf8')).toBe(content)
const exists =
  (path: () => string, isThere = true) =>
  () =>
    expect(existsSync(path())).toBe(isThere)
const hex = (algorithm: string) => createHash(algorithm).update('content').digest('hex')
const missing = (line: string) => bad(line, 'missing', 5)
const surplus = (line: string) => bad(line, 'is one argument too many')

const ROWS: readonly Row[] = [
  { command: 'open', good: 'open URL', stdout: '', bad: bad('open jftp://127.0.0.1:1/', '127.0.0.1:1', 3) },
  { command: 'close', good: 'close', stdout: '', bad: surplus('close x') },
  {
    command: 'user',
    good: 'user anonymous',
    stdout: 'anonymous\n',
    bad: bad('user ann --no-input', '--no-input forbids to ask for it', 4),
  },
  { command: 'ls', good: 'ls deep', stdout: 'inner\n', bad: missing('ls missing') },
  { command: 'find', good: 'find deep', stdout: '/deep/inner\n', bad: missing('find missing') },
  { command: 'stat', good: 'stat file', stdout: /file[\s\S]*7/, bad: missing('stat missing') },
  { command: 'cd', good: 'cd deep', stdout: '', bad: bad('cd file', 'not a folder') },
  { command: 'pwd', good: 'pwd', stdout: '/\n', bad: missing('pwd missing') },
  { command: 'lcd', good: 'lcd dir', stdout: '', bad: missing('lcd missing') },
  { command: 'lpwd', good: 'lpwd', stdout: /\/local\n$/, bad: surplus('lpwd x') },
  { command: 'lls', good: 'lls dir', stdout: 'x\n', bad: missing('lls missing') },
  {
    command: 'lmkdir',
    good: 'lmkdir made',
    stdout: '',
    effect: exists(() => local('made')),
    bad: bad('lmkdir a', 'a', 7),
  },
  {
    command: 'get',
    good: 'get file',
    stdout: '',
    effect: isLocal('file', 'content'),
    bad: missing('get missing'),
  },
  {
    command: 'reget',
    good: 'reget file',
    stdout: '',
    effect: isLocal('file', 'content'),
    bad: missing('reget missing'),
  },
  { command: 'put', good: 'put a', stdout: '', effect: isRemote('a', 'new'), bad: missing('put missing') },
  {
    command: 'reput',
    good: 'reput a',
    stdout: '',
    effect: isRemote('a', 'new'),
    bad: missing('reput missing'),
  },
  {
    command: 'sync',
    good: 'sync dir :made',
    stdout: '',
    effect: isRemote('made/x', 'x'),
    bad: missing('sync missing :x'),
  },
  { command: 'diff', good: 'diff dir :same', stdout: '', bad: bad('diff dir :deep', '', 10) },
  {
    command: 'mkdir',
    good: 'mkdir made',
    stdout: '',
    effect: exists(() => remote('made')),
    bad: bad('mkdir deep', 'deep', 7),
  },
  {
    command: 'rm',
    good: 'rm file',
    stdout: '',
    effect: exists(() => remote('file'), false),
    bad: missing('rm missing'),
  },
  {
    command: 'rmdir',
    good: 'rmdir empty',
    stdout: '',
    effect: exists(() => remote('empty'), false),
    bad: bad('rmdir deep', 'deep', 7),
  },
  {
    command: 'mv',
    good: 'mv file moved',
    stdout: '',
    effect: isRemote('moved', 'content'),
    bad: missing('mv missing x'),
  },
  {
    command: 'cp',
    good: 'cp file copied',
    stdout: '',
    effect: isRemote('copied', 'content'),
    bad: missing('cp missing x'),
  },
  {
    command: 'chmod',
    good: 'chmod 640 file',
    stdout: '',
    effect: () => expect(statSync(remote('file')).mode & 0o777).toBe(0o640),
    bad: bad('chmod 999 file', '999'),
  },
  {
    command: 'touch',
    good: 'touch made',
    stdout: '',
    effect: isRemote('made', ''),
    bad: missing('touch missing/x'),
  },
  { command: 'cat', good: 'cat file', stdout: 'content', bad: missing('cat missing') },
  { command: 'more', good: 'more file', stdout: 'content', bad: missing('more missing') },
  {
    command: 'edit',
    good: 'edit file',
    stdout: '',
    effect: isRemote('file', 'edited'),
    bad: bad('edit deep', 'a folder'),
  },
  { command: 'md5', good: 'md5 file', stdout: `${hex('md5')}  file\n`, bad: missing('md5 missing') },
  {
    command: 'sha256',
    good: 'sha256 file',
    stdout: `${hex('sha256')}  file\n`,
    bad: missing('sha256 missing'),
  },
  {
    command: 'blake3',
    good: 'blake3 file',
    stdout: /^[0-9a-f]{64} {2}file\n$/,
    bad: missing('blake3 missing'),
  },
  {
    command: 'xxh128',
    good: 'xxh128 file',
    stdout: /^[0-9a-f]{32} {2}file\n$/,
    bad: missing('xxh128 missing'),
  },
  {
    command: 'hash',
    good: 'hash file --digest sha256',
    stdout: `${hex('sha256')}  file\n`,
    bad: missing('hash missing'),
  },
  { command: 'du', good: 'du -s deep', stdout: /^\d+\s+.*deep\n$/, bad: missing('du missing') },
  { command: 'df', good: 'df', stdout: /Available[\s\S]*%/, bad: missing('df missing') },
  { command: 'exec', good: 'exec hello', stdout: 'hello\n', bad: bad('exec other', 'other', 6) },
  { command: 'source', good: 'source script', stdout: '/\n', bad: missing('source missing') },
  {
    command: 'set',
    good: 'set jobs',
    stdout: /^jobs 1 +# default\n$/,
    bad: bad('set jbos', "did you mean 'jobs'?"),
  },
  { command: 'alias', good: 'alias', stdout: '', bad: bad('alias ll', "no alias 'll'", 5) },
  {
    command: 'bookmark',
    good: 'bookmark add nas host',
    stdout: '',
    effect: exists(() => join(scratch.path, 'config/jftp/bookmarks.toml')),
    bad: bad('bookmark del other', "no bookmark 'other'", 5),
  },
  { command: 'history', good: 'history', stdout: '', bad: bad('history x', 'N is a number of lines') },
  { command: 'jobs', good: 'jobs', stdout: '', bad: surplus('jobs x') },
  {
    command: 'fg',
    before: 'pwd &',
    good: 'fg',
    stdout: '',
    bad: bad('fg 7', 'no job 7; end a command with & to run it as a job', 5),
  },
  {
    command: 'wait',
    good: 'wait',
    stdout: '',
    bad: bad('wait 7', 'no job 7; end a command with & to run it as a job', 5),
  },
  {
    command: 'kill',
    before: 'pwd &',
    good: 'kill 1',
    stdout: '',
    bad: bad('kill 7', 'no job 7; end a command with & to run it as a job', 5),
  },
  { command: 'ping', good: 'ping', stdout: /\d ms\n$/, bad: surplus('ping x y') },
  {
    command: 'help',
    good: 'help pwd',
    stdout: /^pwd \[FOLDER\]\n/,
    bad: bad('help pwdd', "did you mean 'pwd'?"),
  },
  {
    command: 'completion',
    good: 'completion bash',
    stdout: /_ftp/,
    bad: bad('completion tcsh', "not 'tcsh'"),
  },
  { command: 'version', good: 'version', stdout: /^ftp \(jftp\) \d/, bad: surplus('version x') },
]

/** They serve files instead of talking to a server, and have tests of their own. */
const SERVING = ['share', 'receive']

const run = (args: readonly string[], input?: string): Promise<FtpEnd> =>
  ftp(args, {
    cwd: scratch.local,
    env: { XDG_CONFIG_HOME: join(scratch.path, 'config'), PAGER: 'cat', VISUAL: 'sed -i s/content/edited/' },
    ...(input === undefined ? {} : { input }),
  })
const words = (line: string) => line.replace('URL', daemon.url).split(' ')

describe.each(ROWS)('$command', ({ good, stdout, effect, bad: wrong, before }) => {
  const answers = typeof stdout === 'string' ? stdout : expect.stringMatching(stdout)

  test.skipIf(before !== undefined)('by itself', async () => {
    const end = await run(['-q', '--url', daemon.url, ...words(good)])
    expect(end).toMatchObject({ exitCode: 0, stdout: answers, stderr: '' })
    effect?.()
    reset()
    expect(await run(['-q', '--url', daemon.url, ...words(wrong.line)])).toMatchObject({
      exitCode: wrong.exitCode,
      stderr: expect.stringContaining(wrong.stderr),
    })
  })

  test.each<[string, (lines: readonly string[]) => Promise<FtpEnd>]>([
    ['with -c', (lines) => run(['-q', '-c', lines.join('; ').replace('&;', '&'), daemon.url])],
    ['in the shell', (lines) => run(['-q', daemon.url], `${lines.join('\n')}\n`)],
  ])('%s', async (_form, runLines) => {
    const end = await runLines([...(before === undefined ? [] : [before]), words(good).join(' ')])
    expect({ exitCode: end.exitCode, stdout: end.stdout }).toEqual({ exitCode: 0, stdout: answers })
    if (before === undefined) expect(end.stderr).toBe('')
    effect?.()
    reset()
    expect(await runLines([wrong.line, 'mkdir never'])).toMatchObject({
      exitCode: wrong.exitCode,
      stderr: expect.stringContaining(wrong.stderr),
    })
    expect(existsSync(remote('never'))).toBe(false)
  })
})

test.each(['exit', 'quit', 'bye'])('%s ends everything with its code', async (name) => {
  expect(await run([name, '3'])).toMatchObject({ exitCode: 3 })
  expect(await run(['-q', '-c', `${name} 3; mkdir never`, daemon.url])).toMatchObject({ exitCode: 3 })
  expect(await run(['-q', daemon.url], `${name} 3\nmkdir never\n`)).toMatchObject({ exitCode: 3 })
  expect(await run([name, '256'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('0 to 255') })
  expect(existsSync(remote('never'))).toBe(false)
})

/** Names of the same command, and the flags that it promises besides those of all commands. */
const PROMISED: readonly (readonly [names: string, flags: string])[] = [
  ['user login', ''],
  ['exit quit bye', ''],
  ['ls dir', '-1 -a -l -h -t -S -r'],
  ['find', '--name --type -d'],
  ['du', '-s'],
  ['get mget', '-r -c -p -o -O --segments -E'],
  ['reget', '-r -p -o -O -E'],
  ['put mput', '-r -c -p -o -O -E --mkdir --mode'],
  ['reput', '-r -p -o -O -E --mkdir --mode'],
  [
    'sync mirror',
    '--delete --max-delete --checksum --size-only --include --exclude --exclude-from --newer-than',
  ],
  ['diff check', ''],
  ['rm', '-r -f'],
  ['mkdir', '-p'],
  ['mv rename', ''],
  ['cp copy', ''],
  ['source run', ''],
  ['help ?', ''],
]
const PROMISED_GLOBALLY =
  '--url -u --user --profile --config --password-stdin --password-file --token-file --pin --ca -j --limit-rate ' +
  '--timeout --max-time --retries --retry-delay --digest --on-exists -n --dry-run --json --progress -q -v --no-input -y --no-color'

test('every promised name and flag is there', async () => {
  const lines = PROMISED.flatMap(([names]) => names.split(' ')).flatMap((name) => ['-c', `help ${name}`])
  const { events } = await run(['--json', ...lines])
  const helps = events.filter(({ event }) => event === 'help').map(({ text }) => String(text))
  const flagsOf = (help: string) => help.match(/(?<![\w-])--?\w[\w-]*/g) ?? []
  for (const [names, flags] of PROMISED) {
    const own = helps.splice(0, names.split(' ').length)
    expect(new Set(own).size, names).toBe(1)
    const [help = ''] = own
    expect(help.split('\n')[0]).toMatch(new RegExp(`^${names.split(' ')[0]}( |$)`))
    for (const flag of flags.split(' ').filter(Boolean)) expect(flagsOf(help), names).toContain(flag)
  }
  const { stdout } = await run(['--help'])
  const global = flagsOf(stdout.slice(stdout.indexOf('\nflags\n')))
  for (const flag of PROMISED_GLOBALLY.split(' ')) expect(global).toContain(flag)
})

test('every command has a row', async () => {
  const { stdout } = await run(['--help'])
  const table = stdout.slice(stdout.indexOf('\ncommands\n'), stdout.indexOf('\nflags\n'))
  const names = [...table.matchAll(/^ {2}([\w?]+)/gm)].map(([, name = '']) => name)
  const tested = [...ROWS.map(({ command }) => command), 'exit']
  expect(names.filter((name) => !SERVING.includes(name)).toSorted()).toEqual(tested.toSorted())
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { cleanEnvironment } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'
import { UsersFile } from './users.js'

/*
 * The steps of action/action.yml are run as the runner of GitHub runs them: inputs are put into `env` and `run`, the
 * script is run by bash with the runner's flags, and outputs and the summary are read from the runner's files.
 */

const folder = fileURLToPath(new URL('../action', import.meta.url))
const manifest = readFileSync(join(folder, 'action.yml'), 'utf8')
const FTP = fileURLToPath(new URL('../bin/ftp.js', import.meta.url))

const PASSWORD = 'correct horse battery'
/** The large file takes a quarter of a minute. */
const SLOWLY = '--mkdir --limit-rate 3M'

const NAME = 'x\n::error::not a command of the runner'

let scratch: ScratchFolder
let daemon: DaemonProcess
let token: string

beforeAll(async () => {
  scratch = new ScratchFolder()
  const users = new UsersFile(scratch.path)
  await users.add('ci', PASSWORD)
  token = (await users.addToken('ci')).token
  daemon = await DaemonProcess.start(scratch.remote, ['--workers', '0', ...users.args])
})

beforeEach(() => {
  mkdirSync(join(scratch.local, 'dist'), { recursive: true })
  writeFileSync(join(scratch.local, 'dist/a.tgz'), 'first')
  writeFileSync(join(scratch.local, 'dist/b.tgz'), 'second')
})

afterAll(async () => {
  await daemon.stop()
  scratch[Symbol.dispose]()
})

const url = () => daemon.url.replace('//', '//ci@')

test('put stores what the patterns match, and says how many files and bytes', async () => {
  const inputs = {
    url: `${url()}/releases`,
    token,
    sources: 'dist/*.tgz\n',
    target: 'v 1/',
    flags: '--mkdir',
  }
  const first = await step(inputs)
  expect(first).toMatchObject({
    exitCode: 0,
    outputs: { uploaded: '2', skipped: '0', failed: '0', bytes: '11' },
  })
  expect(readFileSync(join(scratch.remote, 'releases/v 1/a.tgz'), 'utf8')).toBe('first')
  expect(first.summary).toContain('| 2 | 0 | 0 | 0 | 11 |')
  // md5 of `first`.
  expect(first.summary).toContain('8b04d5e3775d298e78455efc5ca404d5')

  const again = await step({ ...inputs, flags: '--mkdir --on-exists resume' })
  expect(again).toMatchObject({ exitCode: 0, outputs: { uploaded: '0', skipped: '2', bytes: '0' } })
})

test('get and sync move files the other way too', async () => {
  writeFileSync(join(scratch.remote, 'to fetch'), 'fetched')
  expect(
    await step({ url: url(), password: PASSWORD, command: 'get', sources: 'to fetch', target: 'box/' }),
  ).toMatchObject({ exitCode: 0, outputs: { uploaded: '0', downloaded: '1', bytes: '7' } })
  expect(readFileSync(join(scratch.local, 'box/to fetch'), 'utf8')).toBe('fetched')

  expect(await step({ url: url(), token, command: 'sync', sources: 'dist', target: 'mirror' })).toMatchObject(
    {
      exitCode: 0,
      outputs: { uploaded: '2', bytes: '11' },
    },
  )
  expect(readFileSync(join(scratch.remote, 'mirror/b.tgz'), 'utf8')).toBe('second')
  expect(
    await step({ url: url(), token, command: 'sync', sources: ':mirror', target: 'copy' }),
  ).toMatchObject({ exitCode: 0, outputs: { uploaded: '0', downloaded: '2', bytes: '11' } })
  expect(existsSync(join(scratch.local, 'copy/a.tgz'))).toBe(true)
})

test('a failure fails the step with the exit code of ftp, and is an annotation', async () => {
  const { exitCode, outputs, log, summary } = await step({ url: url(), token, sources: 'dist/nothing.tgz' })
  expect(exitCode).toBe(5)
  expect(outputs).toMatchObject({ uploaded: '0', bytes: '0' })
  expect(log).toMatch(/^::error title=ftp put::.*dist\/nothing\.tgz/m)
  expect(summary).toContain('dist/nothing.tgz')
})

test('a wrong secret ends with 4, and no secret is printed but to have it masked', async () => {
  const wrong = token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  const { exitCode, log, summary } = await step({
    url: url(),
    token: wrong,
    password: PASSWORD,
    sources: 'dist/*',
  })
  expect(exitCode).toBe(4)
  const masks = log.split('\n').filter((line) => line.startsWith('::add-mask::'))
  expect(masks).toEqual([`::add-mask::${wrong}`, `::add-mask::${PASSWORD}`])
  const others = log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
  for (const text of [others.join('\n'), summary]) {
    expect(text).not.toContain(wrong)
    expect(text).not.toContain(PASSWORD)
  }
})

test('a name can be no command of the runner and no Markdown', async () => {
  writeFileSync(join(scratch.local, 'dist', NAME), '')
  const { exitCode, log, summary } = await step({
    url: url(),
    token,
    sources: 'dist/*',
    target: 'no such folder/',
  })
  expect(exitCode).toBe(5)
  const [, stop = '', behind = ''] = /^::stop-commands::(\S+)\n([\s\S]*)/m.exec(log) ?? []
  expect(stop).not.toBe('')
  expect(behind).toContain(`::${stop}::\n`)
  const commands = log.split('\n').filter((line) => line.startsWith('::') && !line.includes(stop))
  expect(commands).toHaveLength(4)
  expect(commands).toEqual([
    `::add-mask::${token}`,
    ...commands.slice(1).map(() => expect.stringMatching(/^::error title=ftp put::.*no such folder/)),
  ])
  expect(summary).not.toContain('::error')
  expect(summary).toContain('&#10;&#58;&#58;error')
  rmSync(join(scratch.local, 'dist', NAME))
})

test('without an executable it runs jftp from the PATH, or what its own repository has built', async () => {
  const programs = join(scratch.path, 'programs')
  mkdirSync(programs)
  const inputs = { url: url(), token, sources: 'dist/a.tgz', executable: '' }
  expect(await step(inputs)).toMatchObject({ exitCode: 0, outputs: { uploaded: '1' } })

  writeFileSync(join(programs, 'jftp'), '#!/bin/sh\necho "$0 is run" >&2\nexit 9\n', { mode: 0o755 })
  const path = `${programs}:${process.env['PATH']}`
  expect(await step(inputs, { PATH: path })).toMatchObject({
    exitCode: 9,
    log: expect.stringContaining(`${programs}/jftp is run`),
  })

  // What is no record of ftp stays in the log.
  writeFileSync(join(programs, 'jftp'), '#!/bin/sh\necho "another jftp"\nexit 9\n')
  expect(await step(inputs, { PATH: path })).toMatchObject({
    exitCode: 9,
    outputs: { uploaded: '0' },
    log: expect.stringMatching(/^another jftp$/m),
  })
})

test('a URL needs no scheme, and a target can lead to no other server', async () => {
  const given = { token, sources: 'dist/a.tgz', flags: '--mkdir' }
  const withoutScheme = `${url().replace('jftp://', '')}/short`
  expect(await step({ ...given, url: withoutScheme, target: 'box/' })).toMatchObject({
    exitCode: 0,
    outputs: { uploaded: '1' },
  })
  expect(existsSync(join(scratch.remote, 'short/box/a.tgz'))).toBe(true)
  expect(await step({ ...given, url: `${url()}/long`, target: '//example.invalid/' })).toMatchObject({
    exitCode: 0,
    outputs: { uploaded: '1' },
  })
  expect(existsSync(join(scratch.remote, 'long/example.invalid/a.tgz'))).toBe(true)
  for (const nowhere of ['', 'jftps://']) {
    const { exitCode, log } = await step({ ...given, url: nowhere, target: 'example.invalid/' })
    expect(exitCode).toBe(2)
    expect(log).toMatch(/^::error title=ftp put::.*the host is missing/m)
  }
})

test('a local folder that can not be made is told in one line', async () => {
  writeFileSync(join(scratch.remote, 'fetched'), '')
  const inputs = { url: url(), token, command: 'get', sources: 'fetched', target: 'dist/a.tgz' }
  const { exitCode, outputs, log } = await step(inputs)
  expect(exitCode).toBe(1)
  expect(outputs).toMatchObject({ downloaded: '0' })
  expect(log).toMatch(/^::error title=ftp get::can't make the folder dist\/a\.tgz: /m)
  expect(log).not.toContain('node:internal')
})

test('an executable that is not there is told in one line', async () => {
  const { exitCode, log } = await step({ url: url(), sources: 'dist/a.tgz', executable: '/nowhere/ftp' })
  expect(exitCode).toBe(1)
  expect(log).toMatch(/^::error title=ftp put::can't run \/nowhere\/ftp: /m)
  expect(log).not.toContain('node:internal')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'a step that is cancelled by %s says what was done and what was not',
  async (signal, expected) => {
    writeFileSync(join(scratch.local, 'dist/large'), Buffer.alloc(50_000_000))
    const inputs = { url: `${url()}/${signal}`, token, sources: 'dist/a.tgz\ndist/large', flags: SLOWLY }
    const { exitCode, outputs, summary, log } = await step(inputs, {}, async (runner) => {
      const isUnderWay = ({ type, path }: Record<string, unknown>) =>
        type === 'transfer' && path === `/${signal}/a.tgz`
      await daemon.logged(isUnderWay)
      // The runner signals the process that it has started, and none of those below it.
      runner.kill(signal)
    })
    expect(exitCode).toBe(expected)
    expect(outputs).toMatchObject({ uploaded: '1', downloaded: '0', skipped: '0', failed: '1', bytes: '5' })
    expect(summary).toContain('### ❌')
    expect(summary).toContain('| 1 | 0 | 0 | 1 | 5 |')
    expect(summary).toMatch(/large<\/code> \| failed \|/)
    expect(log).toMatch(/^::error title=ftp put::.*large: cancelled/m)
    expect(existsSync(join(scratch.remote, signal, 'a.tgz'))).toBe(true)
    expect(existsSync(join(scratch.remote, signal, 'large'))).toBe(false)
    rmSync(join(scratch.local, 'dist/large'))
  },
)

test('every input and output is documented', () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const names = [...manifest.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name]) => name)
  expect(names).toContain('pin')
  for (const name of names.filter((each) => each !== 'steps')) expect(readme).toContain(`\`${name}\``)
})

/** Runs the step of the action as the runner does. */
async function step(
  inputs: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = {},
  meanwhile: (runner: ChildProcess) => Promise<void> = async () => {},
) {
  const output = join(scratch.path, 'output')
  const summary = join(scratch.path, 'summary')
  const script = join(scratch.path, 'step.sh')
  for (const path of [output, summary]) writeFileSync(path, '')
  const all = { ...defaults(), executable: FTP, ...inputs }
  const [, run = ''] = /^ {6}run: (.*)$/m.exec(manifest) ?? []
  writeFileSync(script, run)
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: scratch.local,
    env: cleanEnvironment({
      ...variables(all),
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION_PATH: folder,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_WORKSPACE: scratch.local,
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
    meanwhile(child),
  ])
  const outputs = readFileSync(output, 'utf8').trimEnd().split('\n')
  return {
    exitCode: exitCode as number | null,
    log: `${stdout}${stderr}`,
    outputs: Object.fromEntries(outputs.map((line) => line.split('='))) as Record<string, string>,
    summary: readFileSync(summary, 'utf8'),
  }
}

/** The defaults of the inputs. */
function defaults(): Record<string, string> {
  const inputs = manifest.slice(0, manifest.indexOf('\noutputs:'))
  return Object.fromEntries(
    [...inputs.matchAll(/^ {2}([\w-]+):\n(?: {4}.*\n)*? {4}default: (.*)$/gm)].map(([, name, value = '']) => [
      name,
      value.replace(/^(['"])(.*)\1$/, '$2'),
    ]),
  )
}

/** The variables of the step. */
function variables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    [...manifest.matchAll(/^ {8}(\w+): \$\{\{ inputs\.([\w-]+) \}\}$/gm)].map(([, name, input = '']) => [
      name,
      inputs[input] ?? '',
    ]),
  )
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { tempFolder } from './temp-folder.js'
import { ftpd } from './users.js'

const folder = tempFolder()
const root = join(folder.path, 'root')
const path = join(folder.path, 'ftpd.toml')

beforeAll(() => mkdirSync(root))
afterAll(() => folder[Symbol.dispose]())

function write(content: string): void {
  writeFileSync(path, content)
}

interface Setting {
  readonly key: string
  readonly value: unknown
  readonly origin: Readonly<Record<string, unknown>>
}

async function settings(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Map<string, Setting>> {
  const { stdout, stderr, exitCode } = await ftpd(['check', '--json', ...args], { env })
  expect([stderr, exitCode]).toEqual(['', 0])
  const answer = JSON.parse(stdout) as { v: number; ok: boolean; settings: Setting[] }
  expect(answer).toMatchObject({ v: 1, ok: true })
  return new Map(answer.settings.map((setting) => [setting.key, setting]))
}

const INTEGER = 'a whole number'

const mistakes: [what: string, content: string, message: string][] = [
  ['an unknown key', '\n\nfast = true', ':3: there is no setting "fast"; there are anonymous, '],
  ['an unknown table', '\n[limits]\nport = 1', ':2: there is no setting "limits"; there are '],
  ['a key of another kind', '__proto__ = 1', ':1: there is no setting "__proto__"; there are '],
  ['a file within the file', 'config = "other.toml"', ':1: there is no setting "config"; there are '],
  ['a text for a number', '# comment\nport = "80"', `:2: port = "80": ${INTEGER} is needed`],
  ['a fraction', 'port = 80.5', `:1: port = 80.5: ${INTEGER} is needed`],
  ['a list', '\nlimit-rate = [\n1,\n2]', `:2: limit-rate = [1,2]: a text in quotes or ${INTEGER} is needed`],
  ['a number for a text', 'host = 1', ':1: host = 1: a text in quotes is needed'],
  ['a text for a choice of two', 'keep-digests = "no"', ':1: keep-digests = "no": true or false is needed'],
  ['a number too large', 'port = 65536', `:1: port 65536: ${INTEGER} from 0 to 65535 is needed`],
  ['a number too small', 'idle-timeout = 0', `:1: idle-timeout 0: ${INTEGER} from 1 to 86400 is needed`],
  ['no choice of those', '\n"log-level" = "loud"', ':2: log-level loud: choose one of trace, debug, info'],
  ['a folder there is not', 'root = "/no/such"', ':1: root: /no/such does not exist; make it first'],
  ['an address that may not be', 'host = "0.0.0.0"\ntls = "off"', ':1: host: refusing to listen on 0.0.0.0'],
  ['users there are not', '\nusers = "/no/such"', ':2: users: the users file /no/such does not exist'],
  ['no TOML', 'port = 1\nport == 2', ':2: this is no TOML: '],
  ['a key twice', 'port = 1\nport = 2', ':2: this is no TOML: '],
  ['an end that is missing', 'root = """', ':1: this is no TOML: '],
]

test.each(mistakes)(
  '%s in the file: exit code 2, with file, line and cause',
  async (_what, content, message) => {
    write(content)
    const { exitCode, stdout, stderr } = await ftpd(['check', '--config', path])
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`ftpd: ${path}${message}`)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  },
)

test('ftpd check --json says what is wrong as well', async () => {
  write('port = -1')
  const { exitCode, stdout } = await ftpd(['check', '--config', path, '--json'])
  expect(exitCode).toBe(2)
  expect(JSON.parse(stdout)).toEqual({
    v: 1,
    ok: false,
    error: `${path}:1: port -1: a whole number from 0 to 65535 is needed`,
  })
})

test.each([
  ['there is not', () => '/no/such.toml', /file \/no\/such\.toml does not exist/],
  ['that is a folder', () => root, /is a folder; name a file/],
  [
    'that is too large',
    () => {
      write('#'.repeat(300_000))
      return path
    },
    /has 300000 bytes, and at most 262144/,
  ],
  [
    'that is no text',
    () => {
      writeFileSync(path, Buffer.from([0xff, 0xfe]))
      return path
    },
    /not text in UTF-8/,
  ],
])('a file %s: exit code 2 and why', async (_what, prepare, message) => {
  await using daemon = new DaemonProcess([root, '--config', prepare()])
  expect(await daemon.exited).toEqual({ code: 2, signal: null })
  expect(daemon.stderr).toMatch(message)
})

test('an option wins over its variable, and that over the file', async () => {
  write(`root = "${root}"\nport = 1000\nworkers = 3\ngrace = 5\nkeep-digests = false\nlimit-rate = "10M"`)
  const found = await settings(['--config', path, '--port', '1002'], { FTPD_PORT: '1001', FTPD_GRACE: '6' })
  expect(found.get('port')).toEqual({ key: 'port', value: '1002', origin: { type: 'option' } })
  expect(found.get('grace')).toEqual({
    key: 'grace',
    value: '6',
    origin: { type: 'variable', name: 'FTPD_GRACE' },
  })
  expect(found.get('workers')).toEqual({
    key: 'workers',
    value: '3',
    origin: { type: 'file', path, line: 3 },
  })
  expect(found.get('keep-digests')).toMatchObject({ value: false, origin: { type: 'file', path, line: 5 } })
  expect(found.get('root')).toMatchObject({ value: root, origin: { type: 'file', path, line: 1 } })
  expect(found.get('idle-timeout')).toEqual({
    key: 'idle-timeout',
    value: '300',
    origin: { type: 'default' },
  })
})

test('a variable names the file and the folder as well, and a wrong one is named itself', async () => {
  write('port = 1000')
  const found = await settings([], { FTPD_CONFIG: path, FTPD_ROOT: root })
  expect(found.get('port')).toMatchObject({ value: '1000' })
  expect(found.get('root')).toMatchObject({ value: root, origin: { type: 'variable', name: 'FTPD_ROOT' } })
  const { exitCode, stderr } = await ftpd(['check', root], { env: { FTPD_PORT: 'http' } })
  expect([exitCode, stderr]).toEqual([2, 'ftpd: FTPD_PORT http: a whole number from 0 to 65535 is needed\n'])
})

test('ftpd check prints a table for people', async () => {
  write('\nport = 1000')
  const { stdout } = await ftpd(['check', root, '--config', path])
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
  expect(lines).toContainEqual(['root', root, 'argument'])
  expect(lines).toContainEqual(['port', '1000', `${path}:2`])
  expect(lines).toContainEqual(['limit-rate', 'none', 'default'])
})

test('ftpd check prints the table hooks as well', async () => {
  write('[hooks]\naccept-upload = ["/bin/scan", "--quick"]\ntimeout = 5')
  const found = await settings([root, '--config', path])
  expect(found.get('hooks.accept-upload')).toMatchObject({
    value: '["/bin/scan","--quick"]',
    origin: { type: 'file', path, line: 2 },
  })
  expect(found.get('hooks.timeout')).toMatchObject({ value: '5', origin: { type: 'file', path, line: 3 } })
  expect(found.get('hooks.webhook')).toMatchObject({ value: 'none', origin: { type: 'default' } })
  write('')
  expect((await settings([root, '--config', path])).get('hooks.timeout')).toMatchObject({ value: '10' })
})

test('ftpd serves as the file says', async () => {
  write(
    `root = "${root}"\nport = 0\nworkers = 0\nlog-format = "json"\nmax-connections = 7\nanonymous = "read"`,
  )
  await using daemon = new DaemonProcess(['serve', '--config', path])
  const ready = await daemon.logged((line) => line.type === 'ready')
  expect(ready).toMatchObject({ root, workers: 0, maxConnections: 7, anonymous: 'read' })
  expect(await daemon.stop()).toEqual({ code: 0, signal: null })
})

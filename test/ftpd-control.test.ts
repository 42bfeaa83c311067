import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { startFtp } from './ftp-process.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'
import { hasTerminal, Terminal } from './terminal.js'

const FTPD = fileURLToPath(new URL('../bin/ftpd.js', import.meta.url))
const MiB = 1024 * 1024
/** A path that a terminal would obey. */
const NASTY = '/a\u001b\u009b\u202e\u2028'

let folder: ReturnType<typeof tempFolder>
let root = ''
let env: NodeJS.ProcessEnv = {}

beforeEach(() => {
  folder = tempFolder('in memory')
  root = join(folder.path, 'root')
  mkdirSync(root)
  // As for a user without any of the variables but a home.
  env = {
    HOME: folder.path,
    XDG_STATE_HOME: join(folder.path, 'state'),
    XDG_RUNTIME_DIR: '',
    FTPD_CONTROL: '',
  }
})
afterEach(() => folder[Symbol.dispose]())

/** One run of `ftpd status` or `ftpd kick`. */
async function ftpd(...args: string[]) {
  const child = spawn(process.execPath, [FTPD, ...args], { env: { ...process.env, ...env } })
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  await closed
  return { code: child.exitCode, stdout, stderr }
}

interface Shown {
  readonly state: string
  readonly url: string
  readonly sessions: {
    readonly id: number
    readonly client: string
    readonly user: string
    readonly transfer?: { op: string; path: string; bytes: number; size?: number; rate: number }
  }[]
}

/** The first status that is meant. */
async function status(isMeant: (status: Shown) => boolean, ...args: string[]): Promise<Shown> {
  for (;;) {
    const { stdout, stderr } = await ftpd('status', '--json', ...args)
    expect(stderr).toBe('')
    const shown = JSON.parse(stdout) as Shown
    if (isMeant(shown)) return shown
  }
}

/** Without FTPD_CONTROL, a daemon makes its socket in the user's own folder. */
const start = (args: readonly string[] = []) => {
  const { FTPD_CONTROL: _none, ...own } = env
  return DaemonProcess.start(root, args, { env: { ...own, FTPD_CONTROL: undefined } })
}

describe.each(SERVERS)('%s', (_name, args) => {
  test('status shows who is connected and what moves, and kick ends one session and no other', async () => {
    await using daemon = await start(args)
    using client = await RawClient.login(daemon.place)
    using other = await RawClient.connect(daemon.place)
    expect(await client.ask(1, 'put', { path: NASTY, size: 1_000_000 })).toMatchObject({
      status: 'ready',
    })
    client.send(say.data(1, Buffer.alloc(250_000)))
    const shown = await status(({ sessions }) => sessions[0]?.transfer?.bytes === 250_000)
    expect(shown).toMatchObject({ v: 1, state: 'serving', pid: daemon.pid, root })
    expect(shown.sessions).toMatchObject([
      {
        user: 'anonymous',
        transfer: { op: 'put', path: NASTY, size: 1_000_000, rate: expect.any(Number) },
      },
      { user: '' },
    ])
    const table = (await ftpd('status', '--once')).stdout
    expect(table).toMatch(/anonymous +\d+ s +put +25 % of 977 KiB +\S+ \S+B\/s +\/a\\e\\x9b\\u202e\\u2028$/m)
    expect((await ftpd('status', '--json')).stdout).toContain('/a\\u001b\\u009b\\u202e\\u2028"')
    const [first, second] = shown.sessions
    expect(await ftpd('kick', String(first?.id))).toMatchObject({
      code: 0,
      stdout: `session ${first?.id} is ended\n`,
    })
    const rest = await client.rest()
    expect(rest.map(({ type, json }) => [type, errorCode(json)])).toContainEqual(['BYE', 'permission-denied'])
    const ended = await daemon.logged(({ type }) => type === 'session-ended')
    expect(ended).toMatchObject({ session: first?.id, reason: expect.stringContaining('operator') })
    other.send(say.hello(), say.login(2))
    await other.next()
    expect(await other.ack(2)).toMatchObject({ ok: true })
    const left = await status(({ sessions }) => sessions.length === 1)
    expect(left.sessions).toMatchObject([{ id: second?.id, user: 'anonymous' }])
  })
})

test('a client that is kicked says so, does not come back by itself, and goes on later with -c', async () => {
  writeFileSync(join(folder.path, 'big'), '')
  truncateSync(join(folder.path, 'big'), 30 * MiB)
  await using daemon = await start()
  const { end } = startFtp(['--limit-rate', '1M', 'put', '-c', join(folder.path, 'big'), `${daemon.url}/`])
  const shown = await status(({ sessions }) => (sessions[0]?.transfer?.bytes ?? 0) > 2 * MiB)
  await ftpd('kick', String(shown.sessions[0]?.id))
  const { exitCode, stderr } = await end
  expect([exitCode, stderr]).toEqual([
    6,
    expect.stringContaining('the operator of the server ended this session'),
  ])
  expect(readdirSync(join(root, '.jftp', 'partials'))).toHaveLength(1)
  const { end: again } = startFtp(['--json', 'put', '-c', join(folder.path, 'big'), `${daemon.url}/`])
  expect((await again).events).toContainEqual(
    expect.objectContaining({ event: 'transfer', status: 'resumed' }),
  )
})

test('sessions that are not there, and numbers that are none, are refused', async () => {
  await using _daemon = await start()
  const cases = await Promise.all(['99', '0', '-1', 'x', '1e3'].map((number) => ftpd('kick', '--', number)))
  expect(cases.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1])
  expect(cases[0]?.stderr).toBe('ftpd: there is no session 99; see ftpd status\n')
  expect(cases[3]?.stderr).toBe('ftpd: "x" is no session; their numbers are whole: see ftpd status\n')
  expect(await ftpd('kick')).toMatchObject({
    code: 2,
    stderr: "ftpd: missing required argument 'SESSION'; see ftpd kick --help\n",
  })
  expect(await ftpd('status', '--often')).toMatchObject({ code: 2 })
})

test('only the user who runs ftpd may open the socket, and it goes with the daemon', async () => {
  await using daemon = await start()
  const { control } = await daemon.logged(({ type }) => type === 'ready')
  expect(control).toBe(join(folder.path, 'state', 'jftp', `ftpd-${daemon.pid}.sock`))
  expect(statSync(String(control)).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder.path, 'state', 'jftp')).mode & 0o777).toBe(0o700)
  await daemon.stop()
  expect(existsSync(String(control))).toBe(false)
  expect(await ftpd('status')).toMatchObject({ code: 1, stderr: expect.stringContaining('no running ftpd') })
})

test('two daemons have two sockets; which is meant has to be said', async () => {
  await using one = await start()
  await using two = await start()
  const { code, stderr } = await ftpd('status')
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^ftpd: several ftpd run/)])
  for (const daemon of [one, two]) {
    const { control } = await daemon.logged(({ type }) => type === 'ready')
    expect(stderr).toContain(`--control ${control}`)
    expect((await status(() => true, '--control', String(control))).url).toBe(`${daemon.url}/`)
  }
})

test('a socket that another daemon has is left to it; that of one that was killed is taken', async () => {
  const path = join(folder.path, 'control.sock')
  await using first = await start(['--control', path])
  const second = new DaemonProcess([root, '--port', '0', '--control', path], { env })
  expect(await second.exited).toMatchObject({ code: 1 })
  expect(second.stderr).toContain(`${path} is in use`)
  expect((await status(() => true, '--control', path)).url).toBe(`${first.url}/`)
  await first.stop('SIGKILL')
  expect(existsSync(path)).toBe(true)
  expect(await ftpd('status', '--control', path)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(path),
  })
  await using third = await start(['--control', path])
  expect((await status(() => true, '--control', path)).url).toBe(`${third.url}/`)
})

test('sockets that killed daemons left in the folder are removed by the next one', async () => {
  const killed = await start()
  const { control } = await killed.logged(({ type }) => type === 'ready')
  await killed.stop('SIGKILL')
  expect(existsSync(String(control))).toBe(true)
  await using next = await start()
  expect(existsSync(String(control))).toBe(false)
  expect((await status(() => true)).url).toBe(`${next.url}/`)
})

test('ftpd serves without a control socket if there is no place for one, and says so', async () => {
  writeFileSync(join(folder.path, 'state'), 'a file where the folder should be')
  await using daemon = await start()
  expect(await daemon.logged(({ type }) => type === 'no-control')).toMatchObject({ level: 40 })
  using client = await RawClient.login(daemon.place)
  expect(await client.ask(1, 'ping')).toMatchObject({ ok: true })
})

test('whoever sends rubbish to the socket, or nothing, keeps nobody from asking', async () => {
  await using daemon = await start()
  const { control } = await daemon.logged(({ type }) => type === 'ready')
  const rubbish = [
    '',
    '\0\u00ff\r\n\r\n',
    'GET /status HTTP/1.1\r\nhost: ',
    'POST http://[ HTTP/1.1\r\nhost: x\r\n\r\n',
  ]
  const sockets = rubbish.map((bytes) => {
    const socket = connect(String(control)).on('error', () => {})
    socket.write(bytes)
    return socket
  })
  try {
    expect((await status(() => true)).state).toBe('serving')
  } finally {
    for (const socket of sockets) socket.destroy()
  }
})

test('something else than ftpd behind the socket is told as such', async () => {
  const path = join(folder.path, 'other.sock')
  const server = createServer((socket) => socket.on('error', () => {}).end('hello'))
  await new Promise<void>((resolve) => server.listen(path, resolve))
  try {
    expect(await ftpd('status', '--control', path)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no ftpd'),
    })
  } finally {
    server.close()
  }
  expect((await ftpd('status', '--control', join(folder.path, 'none.sock'))).stderr).toContain(
    'no such socket',
  )
})

test.runIf(hasTerminal)('on a terminal the table refreshes until q is pressed', async () => {
  await using daemon = await start()
  await using terminal = new Terminal([], { env }, () => `exec '${process.execPath}' '${FTPD}' status`)
  await terminal.sees('0 sessions')
  using _client = await RawClient.login(daemon.place)
  await terminal.sees('1 session, 0 transfers')
  await terminal.sees('anonymous')
  terminal.type('q')
  expect(await terminal.ended()).toBe(0)
  // The terminal is as it was: its own screen, its cursor, lines that wrap.
  expect(terminal.screen).toMatch(/\u001b\[\?7h\u001b\[\?25h\u001b\[\?1049l/)
})

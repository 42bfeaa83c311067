import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createLog, resolveConfig, startDaemon } from '@jftp/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'
import { FTPD } from './users.js'

const folder = tempFolder()
const root = join(folder.path, 'root')

beforeAll(() => {
  mkdirSync(root)
  writeFileSync(join(root, 'file'), '')
})
afterAll(() => folder[Symbol.dispose]())

/** Options as the command line has them. */
const DEFAULTS = { host: '127.0.0.1', port: '0', workers: '0', grace: '1', logLevel: 'silent' }

const wrongUsage: [what: string, args: string[], message: RegExp][] = [
  ['an option there is not', ['--fast'], /unknown option '--fast'/],
  ['an argument too many', [root, root], /too many arguments/],
  ['a port that is none', [root, '--port', 'http'], /--port http: a whole number from 0 to 65535/],
  ['a port too high', [root, '--port', '65536'], /--port 65536/],
  ['a negative number of workers', [root, '--workers', '-1'], /--workers/],
  ['too many workers', [root, '--workers', '1000'], /--workers 1000/],
  [
    'an access there is not',
    [root, '--anonymous', 'all'],
    /--anonymous all: choose one of none, read, write/,
  ],
  ['a grace that is none', [root, '--grace', 'long'], /--grace long/],
  ['a format there is not', [root, '--log-format', 'xml'], /choose one of pretty, json/],
  ['a level there is not', [root, '--log-level', 'loud'], /choose one of trace/],
  ['a folder there is not', [join(root, 'none')], /does not exist/],
  ['a file for a folder', [join(root, 'file')], /is not a folder/],
  ['every address', [root, '--host', '0.0.0.0', '--tls', 'off'], /refusing to listen on 0\.0\.0\.0/],
  ['every address of IPv6', [root, '--host', '::', '--tls', 'off'], /refusing to listen on ::/],
  [
    'an address of a network',
    [root, '--host', '192.0.2.1', '--tls', 'off'],
    /refusing to listen on 192\.0\.2\.1/,
  ],
  ['loopback’s neighbour', [root, '--host', '128.0.0.1', '--tls', 'off'], /refusing to listen/],
  ['a name there is not', [root, '--host', 'no-such-host.invalid'], /no-such-host\.invalid has no address/],
  ['a host that is empty', [root, '--host', ''], /--host is empty; name an address/],
  ['a host of blanks', [root, '--host', ' '], /--host is empty; name an address/],
  ['a socket without a path', [root, '--unix', ''], /--unix is empty; name the path/],
  ['a socket’s path that is too long', [root, '--unix', `/${'x'.repeat(107)}`], /has 108 bytes/],
]

test.each(wrongUsage)('%s is wrong usage: exit code 2 and why', async (_what, args, message) => {
  await using daemon = new DaemonProcess(args.includes('--port') ? args : [...args, '--port', '0'])
  expect(await daemon.exited).toEqual({ code: 2, signal: null })
  expect(daemon.stderr).toMatch(message)
  expect(daemon.stderr).not.toMatch(/\n\s+at /)
  expect(daemon.lines).toEqual([])
})

test('a port that is in use: exit code 1 and what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await using daemon = new DaemonProcess([root, '--port', String(port)])
  expect(await daemon.exited).toEqual({ code: 1, signal: null })
  expect(daemon.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} is in use`))
  expect(daemon.stderr.trim().split('\n')).toHaveLength(1)
  server.close()
})

const unusableSockets: [what: string, path: string, message: RegExp][] = [
  ['a folder there is not', join(root, 'none', 's.sock'), /the folder \S+none does not exist; make it first/],
  ['a file for a folder', join(root, 'file', 's.sock'), /\S+file is not a folder/],
  ['a folder that takes no sockets', '/proc/s.sock', /may not write in \/proc|does not allow one in \/proc/],
  ['a path that is a file', join(root, 'file'), /\S+file is in use/],
]

test.each(unusableSockets)(
  'a Unix socket in %s: exit code 1 and the true cause',
  async (_what, path, message) => {
    await using daemon = new DaemonProcess([root, '--unix', path])
    expect(await daemon.exited).toEqual({ code: 1, signal: null })
    expect(daemon.stderr).toMatch(message)
    expect(daemon.stderr).not.toContain('1024')
    expect(daemon.stderr.trim().split('\n')).toHaveLength(1)
  },
)

test.each(['', '0.0.0.0', '::'])(
  'the address that was bound is checked, whatever the host was said to be: %j',
  async (host) => {
    const log = await createLog('json', 'silent')
    const config = { ...(await resolveConfig({ ...DEFAULTS, root })), host }
    await expect(startDaemon(config, log)).rejects.toThrow(/refusing to listen/)
  },
)

test.each(['127.0.0.1', 'localhost', '127.5.5.5'])('listens on %s', async (host) => {
  await using daemon = await DaemonProcess.start(root, ['--host', host])
  expect(daemon.url).toMatch(/^jftp:\/\/[^/]+:\d+$/)
  expect(await daemon.stop()).toEqual({ code: 0, signal: null })
})

test('listens on a Unix socket', async () => {
  const path = join(folder.path, 'socket')
  await using daemon = new DaemonProcess([root, '--unix', path, '--log-format', 'json'])
  expect((await daemon.logged((line) => line.type === 'ready'))['url']).toBe(
    `jftp://${encodeURIComponent(path)}/`,
  )
  expect(await daemon.stop()).toEqual({ code: 0, signal: null })
})

test('serves the current folder where none is named', async () => {
  const ftpd = new URL('../bin/ftpd.js', import.meta.url).pathname
  const child = spawn(process.execPath, [ftpd, '--port', '0', '--log-format', 'json'], { cwd: root })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  expect(JSON.parse(chunk.toString())).toMatchObject({ type: 'ready', root })
  child.kill()
  expect((await once(child, 'exit'))[0]).toBe(0)
})

test('--version and --help say so on stdout, with exit code 0', async () => {
  await using version = new DaemonProcess(['--version'])
  expect(await version.exited).toEqual({ code: 0, signal: null })
  expect(version.lines.map(({ text }) => text)).toEqual([expect.stringMatching(/^ftpd \d+\.\d+\.\d+$/)])
  await using help = new DaemonProcess(['--help'])
  expect(await help.exited).toEqual({ code: 0, signal: null })
  const text = help.lines.map((line) => line.text).join('\n')
  for (const option of [
    '--host',
    '--port',
    '--anonymous',
    '--workers',
    '--grace',
    '--log-format',
    '--log-level',
  ])
    expect(text).toContain(option)
})

test.each(['-V', '--version'])('%s is answered wherever it stands, and nothing is served', async (option) => {
  await using version = new DaemonProcess([root, '--port', '0', option])
  expect(await version.exited).toEqual({ code: 0, signal: null })
  expect(version.lines.map(({ text }) => text)).toEqual([expect.stringMatching(/^ftpd \d+\.\d+\.\d+$/)])
})

test('who reads only the beginning of an answer, or nothing because the disk is full, sees no stack', async () => {
  const inShell = async (line: string) => {
    const child = spawn('/bin/sh', ['-c', line, process.execPath, FTPD])
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ])
    return { code: code as number | null, stdout, stderr }
  }
  expect(await inShell('"$0" "$1" --help | head -n 1')).toEqual({
    code: 0,
    stdout: 'Usage: ftpd [serve] [options] [ROOT]\n',
    stderr: '',
  })
  expect(await inShell('"$0" "$1" --help > /dev/full')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'ftpd: stdout: ENOSPC: no space left on device, write\n',
  })
})

test('the default of --workers is allowed on a machine with any number of CPUs', async () => {
  const cpus = `import os from 'node:os'
    import { syncBuiltinESMExports } from 'node:module'
    os.availableParallelism = () => 1000
    syncBuiltinESMExports()`
  const preload = `data:text/javascript,${encodeURIComponent(cpus)}`
  await using help = new DaemonProcess(['--help'], { command: [process.execPath, '--import', preload] })
  expect(await help.exited).toEqual({ code: 0, signal: null })
  const text = help.lines.map((line) => line.text).join(' ')
  expect(text).toMatch(/\(default:\s+"256",\s+env:\s+FTPD_WORKERS\)/)
})

test.each([
  ['0', 'on the event loop'],
  ['1', '1 worker thread ·'],
  ['2', '2 worker threads ·'],
])('with --workers %s the line `ready` says: %s', async (workers, text) => {
  await using daemon = await DaemonProcess.start(root, ['--workers', workers])
  expect((await daemon.logged((line) => line.type === 'ready'))['msg']).toContain(text)
})

test('the log has one line for each transfer, and what a name holds can’t pass for a line or a colour', async () => {
  const name = 'evil\n{"type":"transfer"}\u001b[31m\u009b2J\u202egnp.exe'
  await using json = await DaemonProcess.start(root, ['--log-format', 'json'])
  await using pretty = new DaemonProcess([root, '--port', '0', '--log-format', 'pretty'])
  const ready = await pretty.logged((line) => line.text.includes('listening on'))
  const prettyPort = Number(/jftp:\/\/127\.0\.0\.1:(\d+)/.exec(ready.text)?.[1])
  for (const place of [json.place, prettyPort]) {
    using client = await RawClient.login(place)
    client.send(say.eagerPut(1, `/${name}`, 'abc'))
    expect(await client.ack(1)).toMatchObject({ ok: true })
    expect(await client.ask(2, 'get', { path: `/${name}` })).toMatchObject({ ok: true })
    await client.body(2)
    expect(await client.ask(3, 'get', { path: `/${name}/none` })).toMatchObject({ ok: false })
  }
  for (const daemon of [json, pretty]) {
    await daemon.stop()
    const text = daemon.lines.map((line) => line.text).join('')
    // No control character, and none that turns the direction of writing.
    expect([...text].filter((each) => /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(each))).toEqual(
      [],
    )
    expect(daemon.lines.filter((line) => line.text.includes('gnp.exe'))).toHaveLength(3)
  }
  const digest = { alg: 'md5', hex: '900150983cd24fb0d6963f7d28e17f72' }
  const common = { type: 'transfer', user: 'anonymous', ms: expect.any(Number), client: expect.any(String) }
  expect(json.lines.filter((line) => line.type === 'transfer')).toEqual([
    expect.objectContaining({ ...common, op: 'put', path: `/${name}`, bytes: 3, digest, result: 'ok' }),
    expect.objectContaining({ ...common, op: 'get', path: `/${name}`, bytes: 3, digest, result: 'ok' }),
    expect.objectContaining({ ...common, op: 'get', bytes: 0, result: 'not-a-directory' }),
  ])
  expect(readFileSync(join(root, name), 'utf8')).toBe('abc')
})

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { connect } from '@jftp/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestCertificate } from './certificate.js'
import { DaemonProcess } from './daemon.js'
import { type FtpOptions, ftp } from './ftp-process.js'
import { ScratchFolder } from './scratch-folder.js'
import { hasTerminal, Terminal } from './terminal.js'

let scratch: ScratchFolder
let certificate: TestCertificate
let other: TestCertificate

beforeAll(async () => {
  scratch = new ScratchFolder()
  certificate = await TestCertificate.make(join(scratch.path, 'one'))
  other = await TestCertificate.make(join(scratch.path, 'two'))
  writeFileSync(join(scratch.local, 'file'), 'content')
})
afterAll(() => scratch[Symbol.dispose]())

let states = 0
/** A state folder in which no server is known, or those of `lines`. */
function state(...lines: string[]): { path: string; env: NodeJS.ProcessEnv; knownHosts: string } {
  const path = join(scratch.path, `state-${states++}`)
  const knownHosts = join(path, 'jftp', 'known_hosts')
  mkdirSync(join(path, 'jftp'), { recursive: true })
  if (lines.length > 0) writeFileSync(knownHosts, `${lines.join('\n')}\n`, { mode: 0o600 })
  return { path, knownHosts, env: { XDG_STATE_HOME: path, SSL_CERT_FILE: '/dev/null' } }
}

const run = (args: readonly string[], options: FtpOptions = {}) =>
  ftp(args, { cwd: scratch.local, ...options })

const wrongPin = `sha256:${'0'.repeat(64)}`

describe('who the server is', () => {
  let daemon: DaemonProcess
  let host: string
  beforeAll(async () => {
    daemon = await DaemonProcess.start(scratch.remote, certificate.args)
    host = daemon.label
  })
  afterAll(() => daemon.stop('SIGKILL'))

  test('an unknown certificate is refused with the pin to use, and with that it works', async () => {
    const { env, knownHosts } = state()
    const refused = await run(['put', '--no-input', 'file', `${daemon.url}/`], { env })
    expect(refused.exitCode).toBe(11)
    expect(refused.stderr).toContain(`--pin ${certificate.fingerprint}`)
    expect(existsSync(knownHosts)).toBe(false)
    const pin = /--pin (\S+)/.exec(refused.stderr)?.[1] ?? ''
    expect(await run(['put', '--pin', pin, 'file', `${daemon.url}/`], { env })).toMatchObject({ exitCode: 0 })
    const byVariable = await run(['cat', `${daemon.url}/file`], { env: { ...env, FTP_PIN: pin } })
    expect(byVariable).toMatchObject({ exitCode: 0, stdout: 'content' })
    const json = await run(['ls', '--no-input', '--json', `${daemon.url}/`], { env })
    expect(json.events.find(({ event }) => event === 'error')).toMatchObject({
      code: 'unknown-certificate',
      retryable: false,
      fingerprint: certificate.fingerprint,
    })
  })

  test.each<[string, string[], number, RegExp]>([
    ['a pin of another certificate', ['--pin', wrongPin], 11, /the pin is sha256:000/],
    ['a pin that is none', ['--pin', 'sha256:12'], 2, /--pin must be sha256: and 64 hex digits/],
    ['a pin of another digest', ['--pin', `sha1:${'0'.repeat(40)}`], 2, /--pin must be/],
    ['authorities that are not its own', ['--ca', 'OTHER'], 11, /do not vouch for/],
    ['authorities in a file that is missing', ['--ca', 'none.pem'], 5, /none\.pem/],
    ['authorities that are none', ['--ca', 'file'], 2, /PEM/],
  ])('%s: refused', async (_what, flags, exitCode, message) => {
    const given = flags.map((flag) => (flag === 'OTHER' ? other.file : flag))
    const end = await run(['ls', `${daemon.url}/`, ...given], { env: state().env })
    expect(end.exitCode).toBe(exitCode)
    expect(end.stderr).toMatch(message)
  })

  test('no pin is needed if an authority vouches for it, one that was named or one of the system', async () => {
    const { env } = state()
    const url = `jftps://localhost:${daemon.place}/`
    expect(await run(['ls', url, '--ca', certificate.file], { env })).toMatchObject({ exitCode: 0 })
    expect(await run(['ls', url], { env: { ...env, SSL_CERT_FILE: certificate.file } })).toMatchObject({
      exitCode: 0,
    })
    const extra = { ...env, NODE_EXTRA_CA_CERTS: certificate.file }
    expect(await run(['ls', url], { env: extra })).toMatchObject({ exitCode: 0 })
  })

  test('a certificate that an authority vouches for, but for another host, is refused', async () => {
    await using elsewhere = await DaemonProcess.start(scratch.remote, [
      '--host',
      '127.0.0.2',
      ...certificate.args,
    ])
    const { env } = state()
    const end = await run(['ls', '--no-input', `${elsewhere.url}/`, '--ca', certificate.file], { env })
    expect(end).toMatchObject({ exitCode: 11, stderr: expect.stringContaining('another host name') })
  })

  test('a server that is remembered is known again, by host and port', async () => {
    const known = state('# comment', '', `${host} ${certificate.fingerprint}`)
    expect(await run(['ls', '--no-input', `${daemon.url}/`], known)).toMatchObject({ exitCode: 0 })
    const elsewhere = state(`127.0.0.1:1 ${certificate.fingerprint}`)
    expect(await run(['ls', '--no-input', `${daemon.url}/`], elsewhere)).toMatchObject({ exitCode: 11 })
  })

  test('a certificate that has changed: exit code 11, both fingerprints, and what to do if that was intended', async () => {
    const { env, knownHosts } = state('# comment', `${host} ${other.fingerprint}`)
    for (const trusted of [{}, { SSL_CERT_FILE: certificate.file }]) {
      const end = await run(['ls', `${daemon.url}/`], { env: { ...env, ...trusted } })
      expect(end.exitCode).toBe(11)
      for (const part of [other.fingerprint, certificate.fingerprint, `remove line 2 of ${knownHosts}`]) {
        expect(end.stderr).toContain(part)
      }
    }
    expect(readFileSync(knownHosts, 'utf8')).toContain(other.fingerprint)
  })

  test.each<[string, (path: string) => void, RegExp]>([
    [
      'has a line that is malformed',
      (path) => writeFileSync(path, 'host nonsense\n', { mode: 0o600 }),
      /line 1 of .* is malformed/,
    ],
    ['can be changed by others', (path) => writeFileSync(path, '', { mode: 0o666, flag: 'w' }), /chmod 600/],
    ['is a folder', (path) => mkdirSync(path), /known_hosts/],
  ])('a file with known hosts that %s is an error', async (_what, prepare, message) => {
    const { env, knownHosts } = state()
    const umask = process.umask(0)
    prepare(knownHosts)
    process.umask(umask)
    const end = await run(['ls', '--no-input', `${daemon.url}/`], { env })
    expect(end.exitCode).not.toBe(0)
    expect(end.stderr).toMatch(message)
  })

  describe.each<[string, (flags: readonly string[], env: NodeJS.ProcessEnv) => ReturnType<typeof run>]>([
    ['by itself', (flags, env) => run([...flags, 'cat', `${daemon.url}/greeting`], { env })],
    ['with -c', (flags, env) => run([...flags, '-c', 'cat greeting', daemon.url], { env })],
    ['in the shell', (flags, env) => run([...flags, daemon.url], { env, input: 'cat greeting\n' })],
    [
      'of a setting',
      (flags, env) => run([...flags], { env, input: `set yes true\ncat ${daemon.url}/greeting\n` }),
    ],
  ])('-y %s', (form, cat) => {
    const yes = form === 'of a setting' ? [] : ['-y']
    beforeAll(() => writeFileSync(join(scratch.remote, 'greeting'), 'hello'))

    test.each([
      ['alone', []],
      ['with --no-input', ['--no-input']],
      ['with -q', ['-q']],
    ])('%s accepts and remembers an unknown certificate, and tells its fingerprint', async (_what, flags) => {
      const { env, knownHosts } = state()
      const end = await cat([...yes, ...flags], env)
      expect(end).toMatchObject({ exitCode: 0, stdout: 'hello' })
      expect(end.stderr).toContain(
        `accepted the certificate of ${host}, which was not known: ${certificate.fingerprint} is now in ${knownHosts}`,
      )
      expect(readFileSync(knownHosts, 'utf8')).toBe(`${host} ${certificate.fingerprint}\n`)
      expect(await cat(['--no-input'], env)).toMatchObject({
        exitCode: 0,
        stdout: 'hello',
        stderr: expect.not.stringContaining('accepted'),
      })
    })

    test('never accepts a certificate that has changed, is not the pinned one, or has other authorities', async () => {
      const { env, knownHosts } = state(`${host} ${other.fingerprint}`)
      expect(await cat(yes, env)).toMatchObject({
        exitCode: 11,
        stdout: '',
        stderr: expect.stringContaining('has changed'),
      })
      expect(readFileSync(knownHosts, 'utf8')).toBe(`${host} ${other.fingerprint}\n`)
      const fresh = state()
      expect(await cat([...yes, '--pin', wrongPin], fresh.env)).toMatchObject({ exitCode: 11, stdout: '' })
      expect(await cat([...yes, '--ca', other.file], fresh.env)).toMatchObject({ exitCode: 11, stdout: '' })
      expect(existsSync(fresh.knownHosts)).toBe(false)
    })
  })

  test('-y may stand in config.toml and its profiles, but not in the file of a project', async () => {
    const { env, knownHosts, path } = state()
    const project = join(path, 'project')
    mkdirSync(join(path, 'config', 'jftp'), { recursive: true })
    mkdirSync(project)
    const settings = { ...env, XDG_CONFIG_HOME: join(path, 'config') }
    const list = (...flags: string[]) =>
      run(['ls', '--no-input', ...flags, `${daemon.url}/`], { env: settings, cwd: project })
    writeFileSync(join(path, 'config', 'jftp', 'config.toml'), '[profile.lan]\nyes = true\n')
    expect(await list()).toMatchObject({ exitCode: 11 })
    for (const text of ['yes = true\n', '[profile.here]\nyes = true\n']) {
      writeFileSync(join(project, '.jftp.toml'), text)
      expect(await list()).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("a project's file must not say which servers are trusted"),
      })
    }
    rmSync(join(project, '.jftp.toml'))
    expect(existsSync(knownHosts)).toBe(false)
    expect(await list('--profile', 'lan')).toMatchObject({ exitCode: 0 })
    expect(readFileSync(knownHosts, 'utf8')).toBe(`${host} ${certificate.fingerprint}\n`)
  })

  test('a pin has no use without TLS', async () => {
    const end = await run(['ls', '--pin', wrongPin, `jftp://${host}/`], { env: state().env })
    expect(end).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('write jftps:') })
  })

  test('a client without TLS is told what to write', async () => {
    const end = await run(['ls', '--no-input', `jftp://${host}/`], { env: state().env })
    expect(end).toMatchObject({ exitCode: 12, stderr: expect.stringContaining('jftps://') })
  })

  test('a server without TLS: exit code 12, and nothing goes there in plain', async () => {
    await using plain = await DaemonProcess.start(scratch.remote, ['--workers', '0'])
    const env = { ...state().env, FTP_PASSWORD: 'geheim' }
    const end = await run(['ls', '--pin', wrongPin, `jftps://ann@${plain.label}/`], { env })
    expect(end).toMatchObject({ exitCode: 12, stderr: expect.stringContaining('does not speak TLS') })
    await plain.stop()
    expect(plain.lines.filter(({ type }) => type === 'login')).toEqual([])
  })

  describe.skipIf(!hasTerminal)('on a terminal', () => {
    const open = (args: readonly string[], env: NodeJS.ProcessEnv) =>
      new Terminal(args, { cwd: scratch.local, env: { NO_COLOR: '1', ...env } })

    test('it asks once, and remembers', async () => {
      const { env, knownHosts } = state()
      await using terminal = open([daemon.url], env)
      await terminal.sees(certificate.fingerprint)
      await terminal.sees('(yes/no)')
      terminal.type('yes\r')
      await terminal.sees('/> ')
      terminal.type('put file -o asked\r')
      await terminal.sees('1 sent')
      terminal.type('exit\r')
      expect(await terminal.ended()).toBe(0)
      expect(readFileSync(knownHosts, 'utf8')).toBe(`${host} ${certificate.fingerprint}\n`)
      expect(statSync(knownHosts).mode & 0o777).toBe(0o600)
      await using again = open(['cat', `${daemon.url}/asked`], env)
      await again.sees('content')
      expect(await again.ended()).toBe(0)
      expect(again.screen).not.toContain('yes/no')
    })

    test('-y does not answer the question for a password', async () => {
      const { env, knownHosts } = state()
      const url = daemon.url.replace('//', '//ann@')
      await using terminal = open(['ls', '-y', `${url}/`], env)
      await terminal.sees('Password for ann@')
      terminal.type('\x03')
      expect(await terminal.ended()).toBe(130)
      expect(existsSync(knownHosts)).toBe(false)
    })

    test.each([
      ['no', 'no\r', 11],
      ['Ctrl-C', '\x03', 130],
    ])('after %s nothing is remembered', async (_what, keys, exitCode) => {
      const { env, knownHosts } = state()
      await using terminal = open(['ls', `${daemon.url}/`], env)
      await terminal.sees('(yes/no)')
      terminal.type(keys)
      expect(await terminal.ended()).toBe(exitCode)
      expect(existsSync(knownHosts)).toBe(false)
    })
  })
})

describe.each([
  ['two worker threads', ['--workers', '2']],
  ['the event loop', ['--workers', '0']],
])('through TLS, served by %s', (_name, workers) => {
  test('files arrive whole, over several connections too', async () => {
    await using daemon = await DaemonProcess.start(scratch.remote, [...workers, ...certificate.args])
    const env = { ...state().env, FTP_PIN: certificate.fingerprint, FTP_URL: daemon.url }
    const large = randomBytes(20 * 1024 * 1024 + 1)
    writeFileSync(join(scratch.local, 'large'), large)
    const names = Array.from({ length: 40 }, (_each, index) => `small-${index}`)
    for (const name of names) writeFileSync(join(scratch.local, name), name.repeat(500))
    const put = await run(['put', '-j', '3', 'large', ...names], { env })
    expect(put).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('failed') })
    expect(readFileSync(join(scratch.remote, 'large')).equals(large)).toBe(true)
    for (const flags of [['--segments', '4'], []]) {
      const get = await run(['get', 'large', '-o', 'copy', ...flags], { env })
      expect(get).toMatchObject({ exitCode: 0 })
      expect(readFileSync(join(scratch.local, 'copy')).equals(large)).toBe(true)
    }
    mkdirSync(join(scratch.local, 'back'), { recursive: true })
    const got = await run(['get', '-j', '3', ...names, '-O', 'back'], { env })
    expect(got).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(scratch.local, 'back', 'small-7'), 'utf8')).toBe('small-7'.repeat(500))
  })

  test('a limit of the rate and a digest of choice work', async () => {
    await using daemon = await DaemonProcess.start(scratch.remote, [...workers, ...certificate.args])
    const env = { ...state().env, FTP_PIN: certificate.fingerprint, FTP_URL: daemon.url }
    writeFileSync(join(scratch.local, 'medium'), randomBytes(600_000))
    const put = await run(['put', 'medium', '--limit-rate', '3M', '--digest', 'blake3'], { env })
    expect(put).toMatchObject({ exitCode: 0 })
  })
})

test('a connection that is made again checks who the server is', async () => {
  const { env, knownHosts } = state()
  const first = await DaemonProcess.start(scratch.remote, certificate.args)
  writeFileSync(knownHosts, `${first.label} ${certificate.fingerprint}\n`, { mode: 0o600 })
  await using client = await connect(first.url, { knownHosts, retry: { retries: 20, delay: 50 } })
  await client.put(Buffer.from('a'), '/again')
  await first.stop('SIGKILL')
  const args = ['--port', String(first.place), ...other.args]
  await using _impostor = await DaemonProcess.start(scratch.remote, args, { env })
  await expect(client.put(Buffer.from('b'), '/again')).rejects.toMatchObject({
    code: 'certificate-changed',
    fingerprint: other.fingerprint,
  })
})

test('an impostor gets not a single byte, neither a name nor a password', async () => {
  const pem = readFileSync(other.file)
  const heard: Buffer[] = []
  let handshakes = 0
  const impostor = createServer({ cert: pem, key: pem, ALPNProtocols: ['jftp/1'] }, (socket) => {
    handshakes++
    socket.on('data', (chunk: Buffer) => heard.push(chunk)).on('error', () => {})
  }).listen(0, '127.0.0.1')
  impostor.on('tlsClientError', () => {})
  await once(impostor, 'listening')
  const url = `jftps://ann@127.0.0.1:${(impostor.address() as AddressInfo).port}/`
  const env = { ...state().env, FTP_PASSWORD: 'geheim' }
  for (const flags of [['--pin', certificate.fingerprint], ['--ca', certificate.file], ['--no-input']]) {
    expect(await run(['put', 'file', url, ...flags], { env })).toMatchObject({ exitCode: 11 })
  }
  impostor.close()
  expect(handshakes).toBe(3)
  expect(Buffer.concat(heard).length).toBe(0)
})

test('a server that speaks TLS but not jftp gets nothing either', async () => {
  const pem = readFileSync(certificate.file)
  const heard: Buffer[] = []
  const stranger = createServer({ cert: pem, key: pem }, (socket) => {
    socket.on('data', (chunk: Buffer) => heard.push(chunk)).on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const url = `jftps://127.0.0.1:${(stranger.address() as AddressInfo).port}/`
  const end = await run(['ls', url, '--pin', certificate.fingerprint], { env: state().env })
  stranger.close()
  expect(end).toMatchObject({ exitCode: 12, stderr: expect.stringContaining('speaks TLS, but not jftp') })
  expect(heard).toEqual([])
})

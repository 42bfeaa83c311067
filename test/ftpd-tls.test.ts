import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { createHello, encodeClientHello, FrameDecoder, FrameType, parseBye } from '@jftp/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestCertificate } from './certificate.js'
import { DaemonProcess, type LogLine } from './daemon.js'
import { tempFolder } from './temp-folder.js'
import { ftpd } from './users.js'

const folder = tempFolder()
const root = join(folder.path, 'root')
const expired = fileURLToPath(new URL('expired-certificate.pem', import.meta.url))
let certificate: TestCertificate

beforeAll(async () => {
  mkdirSync(root)
  certificate = await TestCertificate.make(join(folder.path, 'state'))
})
afterAll(() => folder[Symbol.dispose]())

const auto = (state: string, ...args: string[]) =>
  DaemonProcess.start(root, ['--tls', 'auto', '--workers', '0', ...args], { env: { XDG_STATE_HOME: state } })

async function secured(daemon: DaemonProcess, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const port = daemon.place as number
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['jftp/1'],
    ...options,
  })
  await once(socket, 'secureConnect')
  return socket
}

describe('--tls auto', () => {
  test('makes a certificate for the owner alone, keeps it, and says its fingerprint', async () => {
    const state = join(folder.path, 'fresh')
    await using daemon = await auto(state)
    const file = join(state, 'jftp', 'certificate.pem')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const digits = new X509Certificate(readFileSync(file)).fingerprint256.replaceAll(':', '').toLowerCase()
    const ready = await daemon.logged((line) => line.type === 'ready')
    expect(ready).toMatchObject({ fingerprint: `sha256:${digits}`, url: expect.stringMatching(/^jftps:/) })
    expect(ready['msg']).toContain(`sha256:${digits}`)
    const { stdout } = await ftpd(['fingerprint'], { env: { XDG_STATE_HOME: state } })
    expect(stdout).toBe(`sha256:${digits}\n`)
    await daemon.stop()
    await using again = await auto(state)
    expect((await again.logged((line) => line.type === 'ready'))['fingerprint']).toBe(`sha256:${digits}`)
  })

  test('two that start at once have one certificate', async () => {
    const state = join(folder.path, 'shared')
    const ends = await Promise.all(
      Array.from({ length: 4 }, () => ftpd(['fingerprint'], { env: { XDG_STATE_HOME: state } })),
    )
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
    expect(new Set(ends.map(({ stdout }) => stdout)).size).toBe(1)
  })
})

describe('a certificate that can’t be used: exit code 2 and why', () => {
  const broken = (prepare: (file: string) => void) => () => {
    const state = join(folder.path, `broken-${Math.random()}`)
    mkdirSync(join(state, 'jftp'), { recursive: true })
    const file = join(state, 'jftp', 'certificate.pem')
    prepare(file)
    return { args: ['--tls', 'auto'], env: { XDG_STATE_HOME: state } }
  }
  const named = (tls: () => string) => () => ({ args: ['--tls', tls()], env: {} })
  const nonsense = (file: string) => writeFileSync(file, 'nonsense', { mode: 0o600 })

  test.each<[string, () => { args: string[]; env: NodeJS.ProcessEnv }, RegExp]>([
    [
      'kept, and no PEM',
      broken(nonsense),
      /certificate\.pem holds no usable certificate.*; remove the file to have a new one made/,
    ],
    [
      'kept, and others may read it',
      broken((file) => {
        copyFileSync(certificate.file, file)
        chmodSync(file, 0o644)
      }),
      /others may read or change the private key in .*\(mode 644\); run: chmod 600/,
    ],
    [
      'kept, and expired',
      broken((file) => {
        copyFileSync(expired, file)
        chmodSync(file, 0o600)
      }),
      /expired on .*2021.*remove the file/,
    ],
    ['kept, and a folder', broken((file) => mkdirSync(file)), /is not a regular file/],
    ['expired', named(() => `${expired},${expired}`), /expired on .*2021.*get a new one/],
    [
      'with another’s key',
      named(() => `${certificate.file},${expired}`),
      /does not belong to the certificate/,
    ],
    ['that does not exist', named(() => `/none.pem,${certificate.file}`), /\/none\.pem does not exist/],
    ['without a key', named(() => certificate.file), /choose off, auto, or the files/],
    ['and three files', named(() => 'a,b,c'), /choose off, auto, or the files/],
  ])('%s', async (_what, make, message) => {
    const { args, env } = make()
    await using daemon = new DaemonProcess([root, '--port', '0', ...args], { env })
    expect(await daemon.exited).toEqual({ code: 2, signal: null })
    expect(daemon.stderr).toMatch(message)
    expect(daemon.stderr.trim().split('\n')).toHaveLength(1)
  })

  test('there is none on a Unix socket', async () => {
    await using daemon = new DaemonProcess([root, '--unix', join(folder.path, 's'), '--tls', 'auto'])
    expect(await daemon.exited).toEqual({ code: 2, signal: null })
    expect(daemon.stderr).toMatch(/--tls has no use on a Unix socket/)
  })
})

describe.each([
  ['two worker threads', ['--workers', '2']],
  ['the event loop', ['--workers', '0']],
])('TLS, served by %s', (_name, workers) => {
  let daemon: DaemonProcess
  beforeAll(async () => {
    daemon = await DaemonProcess.start(root, [...workers, ...certificate.args, '--login-timeout', '2'])
  })
  afterAll(() => daemon.stop('SIGKILL'))

  test('is 1.2 or later, and agrees on jftp/1', async () => {
    const socket = await secured(daemon)
    expect(socket.alpnProtocol).toBe('jftp/1')
    expect(socket.getProtocol()).toBe('TLSv1.3')
    socket.destroy()
    const older = await secured(daemon, { maxVersion: 'TLSv1.2' })
    expect(older.getProtocol()).toBe('TLSv1.2')
    older.destroy()
    const old: ConnectionOptions = {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    }
    await expect(secured(daemon, old)).rejects.toMatchObject({
      code: expect.stringMatching(/ALERT_PROTOCOL_VERSION/),
    })
    await expect(secured(daemon, { ALPNProtocols: ['h2'] })).rejects.toMatchObject({
      code: expect.stringMatching(/NO_APPLICATION_PROTOCOL/),
    })
    await daemon.logged((line) => line.type === 'session-refused' && /TLS handshake failed/.test(line.text))
  })

  test('a client without it is told so', async () => {
    const socket = connect(daemon.place as number, '127.0.0.1')
    socket.write(encodeClientHello(createHello('test/1')))
    const decoder = new FrameDecoder({ data: 'pieces' })
    decoder.push(await buffer(socket))
    const frame = decoder.next()
    expect(frame?.type).toBe(FrameType.BYE)
    expect(parseBye(frame?.payload ?? new Uint8Array())).toMatchObject({
      code: 'protocol-error',
      message: expect.stringContaining('jftps://'),
    })
    await daemon.logged((line) => line.type === 'session-refused' && /jftps:/.test(line.text))
  })

  test('a handshake that is never finished ends with the time to log in', async () => {
    const socket = connect(daemon.place as number, '127.0.0.1')
    socket.write(Buffer.from([0x16, 3, 1]))
    await buffer(socket)
    await daemon.logged((line) => line.type === 'session-refused' && line['reason'] === 'timeout')
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a part of its first message', Buffer.from([0x16, 3, 1])],
  ])('a client that ends the connection after it has sent %s holds no place', async (_what, bytes) => {
    const args = [...workers, ...certificate.args, '--login-timeout', '3600']
    await using patient = await DaemonProcess.start(root, args)
    const socket = connect(patient.place as number, '127.0.0.1')
    socket.end(bytes)
    await buffer(socket)
    expect(await patient.logged(({ type }) => type === 'session-refused')).toMatchObject({
      error: expect.stringContaining('the client ended the connection'),
    })
  })

  test('the time for the handshake is a part of the time to log in', async () => {
    const ended: string[] = []
    const slow = connect(daemon.place as number, '127.0.0.1')
    await once(slow, 'connect')
    await new Promise((resolve) => setTimeout(resolve, 700))
    // It has come later, so it also ends later.
    const later = await secured(daemon)
    await new Promise((resolve) => setTimeout(resolve, 800))
    const tls = connectTls({ socket: slow, rejectUnauthorized: false, ALPNProtocols: ['jftp/1'] })
    const ends = [tls, later].map((socket, index) =>
      buffer(socket).then(() => ended.push(['slow', 'later'][index] as string)),
    )
    await Promise.all(ends)
    expect(ended).toEqual(['slow', 'later'])
  })
})

test('SIGHUP takes a new certificate without ending a session; one that can’t be used changes nothing', async () => {
  const file = join(folder.path, 'reloaded.pem')
  const next = await TestCertificate.make(join(folder.path, 'next'))
  copyFileSync(certificate.file, file)
  await using daemon = await DaemonProcess.start(root, ['--tls', `${file},${file}`, '--workers', '1'])
  const old = await secured(daemon)
  copyFileSync(next.file, file)
  daemon.process.kill('SIGHUP')
  const line = await daemon.logged(({ type }) => type === 'reloaded')
  expect(line['fingerprint']).toBe(next.fingerprint)
  const fresh = await secured(daemon)
  expect(fingerprintOf(old)).toBe(certificate.fingerprint)
  expect(fingerprintOf(fresh)).toBe(next.fingerprint)
  old.write(encodeClientHello(createHello('test/1')))
  expect(await once(old, 'data')).toHaveLength(1)

  writeFileSync(file, 'nonsense')
  daemon.process.kill('SIGHUP')
  const refused = await daemon.logged(({ type }) => type === 'not-reloaded')
  expect(refused['reason']).toMatch(/reloaded\.pem holds no usable certificate/)
  const after = await secured(daemon)
  expect(fingerprintOf(after)).toBe(next.fingerprint)
  for (const socket of [old, fresh, after]) socket.destroy()
})

test('SIGHUP changes the time for a handshake', async () => {
  const file = join(folder.path, 'login-timeout.toml')
  writeFileSync(file, 'login-timeout = 1')
  const args = [...certificate.args, '--config', file, '--workers', '1']
  await using daemon = await DaemonProcess.start(root, args)
  const change = async (settings: string) => {
    const isAnswer = ({ type }: LogLine) => type === 'reloaded'
    const before = daemon.lines.filter(isAnswer).length
    writeFileSync(file, settings)
    daemon.process.kill('SIGHUP')
    await daemon.logged(() => daemon.lines.filter(isAnswer).length > before)
  }
  await change('login-timeout = 60')
  const slow = connect(daemon.place as number, '127.0.0.1')
  await once(slow, 'connect')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const late = await secured(daemon, { socket: slow })
  late.destroy()

  await change('login-timeout = 2')
  const silent = connect(daemon.place as number, '127.0.0.1')
  silent.write(Buffer.from([0x16, 3, 1]))
  await buffer(silent)
  await daemon.logged(({ type, text }) => type === 'session-refused' && /handshake within 2 s/.test(text))
})

function fingerprintOf(socket: TLSSocket): string {
  const digits = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
  return `sha256:${digits.replaceAll(':', '').toLowerCase()}`
}

describe('off loopback', () => {
  test.each<[string, string[], RegExp]>([
    [
      'without TLS',
      ['--tls', 'off'],
      /refusing to listen on 0\.0\.0\.0: without TLS .*; add --tls auto, or .* --insecure/,
    ],
    ['if anybody may write', ['--anonymous', 'write'], /write without a login; add --anonymous none, or/],
    ['with both', ['--tls', 'off', '--anonymous', 'write'], /add --tls auto --anonymous none, or/],
  ])('%s it does not start', async (_what, args, message) => {
    await using daemon = new DaemonProcess([root, '--port', '0', '--host', '0.0.0.0', ...args])
    expect(await daemon.exited).toEqual({ code: 2, signal: null })
    expect(daemon.stderr).toMatch(message)
  })

  test('it starts with TLS and without anonymous visitors, and says that nobody can log in yet', async () => {
    const env = { XDG_STATE_HOME: certificate.state, XDG_CONFIG_HOME: folder.path }
    await using daemon = await DaemonProcess.start(root, ['--host', '0.0.0.0', '--workers', '0'], { env })
    expect(await daemon.logged((line) => line.type === 'ready')).toMatchObject({
      url: expect.stringMatching(/^jftps:/),
      anonymous: 'none',
      fingerprint: certificate.fingerprint,
    })
    expect((await daemon.logged((line) => line.type === 'no-way-in'))['msg']).toContain('ftpd user add NAME')
  })

  test('--insecure starts, and says loudly what it allows', async () => {
    const args = ['--host', '0.0.0.0', '--workers', '0', '--insecure', '--tls', 'off', '--anonymous', 'write']
    await using daemon = await DaemonProcess.start(root, args)
    await daemon.logged((line) => line.type === 'insecure' && /INSECURE: without TLS/.test(line.text))
    await daemon.logged((line) => line.type === 'insecure' && /INSECURE: anybody/.test(line.text))
  })
})

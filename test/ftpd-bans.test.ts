import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as secure, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { TestCertificate } from './certificate.js'
import { DaemonProcess, SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'
import { ftpd, UsersFile } from './users.js'

let control: string
let users: UsersFile
makeRootForEachTest(async () => {
  control = join(folder.path, 'control.sock')
  users = new UsersFile(folder.path)
  await users.add('ann', 'right')
})

const start = (...args: string[]) =>
  DaemonProcess.start(root, [...users.args, '--control', control, '--metrics', '0', ...args])

/** The answer to one login from an address of this machine: its error's code, or `none`. */
async function login(daemon: DaemonProcess, localAddress: string, user: string, password: string) {
  const host = localAddress.includes(':') ? '::1' : '127.0.0.1'
  const socket = connect({ host, port: Number(daemon.place), localAddress, allowHalfOpen: true })
  using client = RawClient.on(socket)
  await once(socket, 'connect')
  return await answerOn(client, user, password)
}

async function answerOn(client: RawClient, user: string, password: string): Promise<string> {
  client.send(say.hello(), say.request(1, 'login', { user, method: 'password', password }))
  const answers = await Promise.all([client.next(), client.next()])
  const answer = answers.find((frame) => frame?.type === 'ACK' || frame?.type === 'BYE')
  return errorCode(answer?.json)
}

/** A client that connects through TLS from an address of this machine. */
class TlsVisit implements Disposable {
  readonly #socket: TLSSocket

  constructor(daemon: DaemonProcess, localAddress: string) {
    const to = { host: '127.0.0.1', port: Number(daemon.place), localAddress }
    const socket = connect(to).on('error', () => {})
    this.#socket = secure({ socket, rejectUnauthorized: false, ALPNProtocols: ['jftp/1'] })
  }

  /** The answer to a login: its error's code, or `none`; `no handshake` if there was none. */
  async login(user: string, password: string): Promise<string> {
    const isSecure = await Promise.race([
      once(this.#socket, 'secureConnect').then(() => true),
      once(this.#socket, 'close').then(() => false),
    ]).catch(() => false)
    if (!isSecure) return 'no handshake'
    return await answerOn(RawClient.on(this.#socket), user, password)
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

async function metric(daemon: DaemonProcess, name: string): Promise<number> {
  const ready = await daemon.logged(({ type }) => type === 'ready')
  const body = await (await fetch(String(ready['metrics']))).text()
  return Number(
    body
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1),
  )
}

describe.each(SERVERS.slice(0, 2))('%s', (_name, args) => {
  test('an address that guesses is banned; the user it guessed at gets in from elsewhere', async () => {
    await using daemon = await start(...args, '--max-failed-logins', '3')
    const guesses: string[] = []
    for (let count = 0; count < 3; count++) {
      guesses.push(await login(daemon, '127.0.0.2', 'ann', `guess-${count}`))
    }
    expect(guesses).toEqual(['login-failed', 'login-failed', 'login-failed'])
    expect(await daemon.logged(({ type }) => type === 'address-banned')).toMatchObject({
      address: '127.0.0.2',
    })
    // Banned: not even the right password is looked at, and the client is told so at once.
    expect(await login(daemon, '127.0.0.2', 'ann', 'right')).toBe('rate-limited')
    expect(await login(daemon, '127.0.0.1', 'ann', 'right')).toBe('none')
    expect(await metric(daemon, 'ftpd_bans')).toBe(1)
    expect(await metric(daemon, 'ftpd_bans_total')).toBe(1)
    const shown = await ftpd(['status', '--once', '--control', control])
    expect(shown.stdout).toMatch(/1 banned.*\n {2}127\.0\.0\.2 {2}for 1[45] min more/)
    expect((await ftpd(['unban', '127.0.0.9', '--control', control])).stderr).toContain(
      '"127.0.0.9" is not banned',
    )
    expect(await ftpd(['unban', '127.0.0.2', '--control', control])).toMatchObject({
      exitCode: 0,
      stdout: '127.0.0.2 may connect again\n',
    })
    expect(await login(daemon, '127.0.0.2', 'ann', 'right')).toBe('none')
  })
})

test('over IPv6 a whole /64 network is banned, and any address of it lifts the ban', async () => {
  await using daemon = await start('--host', '::1', '--max-failed-logins', '1')
  expect(await login(daemon, '::1', 'ann', 'guess')).toBe('login-failed')
  expect(await login(daemon, '::1', 'ann', 'right')).toBe('rate-limited')
  const { stdout } = await ftpd(['status', '--json', '--control', control])
  expect(JSON.parse(stdout)).toMatchObject({ bans: [{ address: '0:0:0:0::/64' }] })
  expect((await ftpd(['unban', '::7', '--control', control])).exitCode).toBe(0)
  expect(await login(daemon, '::1', 'ann', 'right')).toBe('none')
})

test('a banned address is told so through TLS, and cut off before the handshake if it goes on', async () => {
  const certificate = await TestCertificate.make(join(folder.path, 'state'))
  await using daemon = await start('--max-failed-logins', '1', ...certificate.args)
  const outcomes: string[] = []
  for (let count = 0; count < 30; count++) {
    using socket = new TlsVisit(daemon, '127.0.0.2')
    outcomes.push(await socket.login('ann', 'guess'))
  }
  expect(outcomes.slice(0, 21)).toEqual(['login-failed', ...Array.from({ length: 20 }, () => 'rate-limited')])
  expect(new Set(outcomes.slice(21))).toEqual(new Set(['no handshake']))
  using other = new TlsVisit(daemon, '127.0.0.1')
  expect(await other.login('ann', 'right')).toBe('none')
  expect(await metric(daemon, 'ftpd_connections_refused_total{code="rate-limited"}')).toBe(29)
})

test('unknown users count as known ones do, and what is no guess does not count', async () => {
  await using daemon = await start('--max-failed-logins', '2', '--anonymous', 'none')
  using visitor = await RawClient.connect(daemon.place)
  visitor.send(say.hello())
  await visitor.next()
  for (let id = 1; id <= 5; id++) {
    expect(errorCode(await visitor.ask(id, 'login', { user: 'anonymous' }))).toBe('login-failed')
  }
  expect(await login(daemon, '127.0.0.1', 'ann', 'right')).toBe('none')
  expect(await login(daemon, '127.0.0.3', 'nobody', 'guess')).toBe('login-failed')
  expect(await login(daemon, '127.0.0.3', 'nobody', 'guess')).toBe('login-failed')
  expect(await login(daemon, '127.0.0.3', 'ann', 'right')).toBe('rate-limited')
})

test('a session that is open when its address is banned goes on, and can’t log in as somebody else', async () => {
  await using daemon = await start('--max-failed-logins', '1')
  using client = await RawClient.connect(daemon.place)
  client.send(say.hello(), say.request(1, 'login', { user: 'ann', method: 'password', password: 'right' }))
  await client.next()
  expect(await client.ack(1)).toMatchObject({ ok: true })
  expect(await login(daemon, '127.0.0.1', 'ann', 'guess')).toBe('login-failed')
  expect(await client.ask(2, 'pwd')).toMatchObject({ ok: true })
  const again = await client.ask(3, 'login', { user: 'ann', method: 'password', password: 'right' })
  expect(errorCode(again)).toBe('rate-limited')
})

test('guesses from very many addresses let nobody in, and a user gets in all the same', async () => {
  await using daemon = await start()
  const count = 60 * Number(process.env['JFTP_ROUNDS'] ?? 1)
  const before = daemon.memory
  const seen = new Map<string, number>()
  let next = 0
  const guess = async () => {
    while (next < count) {
      const number = next++
      const address = `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`
      const code = await login(
        daemon,
        address,
        number % 2 === 0 ? 'ann' : `user-${number}`,
        `guess-${number}`,
      )
      seen.set(code, (seen.get(code) ?? 0) + 1)
    }
  }
  const guesses = Promise.all(Array.from({ length: 20 }, guess))
  let code = ''
  // A client is told to try again while very many are being checked.
  while (code !== 'none') code = await login(daemon, '127.255.0.1', 'ann', 'right')
  await guesses
  expect([...seen.keys()].filter((each) => !['login-failed', 'rate-limited'].includes(each))).toEqual([])
  expect(seen.get('login-failed')).toBeGreaterThan(0)
  expect(daemon.memory - before).toBeLessThan(200 * 1024 * 1024)
})

test('--max-failed-logins 0 bans nobody', async () => {
  await using daemon = await start('--max-failed-logins', '0')
  for (let count = 0; count < 12; count++) {
    expect(await login(daemon, '127.0.0.1', 'ann', 'guess')).toBe('login-failed')
  }
  expect(await login(daemon, '127.0.0.1', 'ann', 'right')).toBe('none')
})

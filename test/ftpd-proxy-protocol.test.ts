import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'
import { UsersFile } from './users.js'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const header = (rest: string): Buffer => Buffer.from(`${SIGNATURE}${rest}`.replaceAll(' ', ''), 'hex')

/** From 192.0.2.N, port 8080. */
const from = (last: number) =>
  header(`21 11 0013 c00002${last.toString(16).padStart(2, '0')} c6336401 1f90 233d 04 0004 00000000`)
const IPV6 = header('21 21 0024 20010db8000000000000000000000001 20010db80000000000000000000000ff c001 233d')
const LOCAL = header('20 00 0000')

makeRootForEachTest()

/** Connects from that address of this machine, which is no load balancer if it is not 127.0.0.1. */
async function open(daemon: DaemonProcess, localAddress = '127.0.0.1'): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', port: Number(daemon.place), localAddress, allowHalfOpen: true })
  const client = RawClient.on(socket)
  await once(socket, 'connect')
  return client
}

async function logIn(client: RawClient, args = {}): Promise<string> {
  client.send(say.hello(), say.request(1, 'login', { user: 'anonymous', ...args }))
  await client.next()
  return errorCode((await client.next())?.json)
}

describe.each(SERVERS.slice(0, 2))('%s', (_name, args) => {
  const start = (...more: string[]) =>
    DaemonProcess.start(root, [...args, '--proxy-protocol', '127.0.0.1,2001:db8::/32', ...more])

  test('the address in the header is the client’s, in the log and for limits', async () => {
    await using daemon = await start('--max-connections-per-ip', '1')
    using first = await open(daemon)
    first.send(from(7))
    expect(await logIn(first)).toBe('none')
    using second = await open(daemon)
    second.send(from(7))
    expect((await second.rest()).map(({ json }) => errorCode(json))).toEqual(['too-many-connections'])
    using third = await open(daemon)
    third.send(IPV6)
    expect(await logIn(third)).toBe('none')
    using health = await open(daemon)
    health.send(LOCAL)
    expect(await logIn(health)).toBe('none')
    await daemon.logged((line) => line.type === 'login' && line['session'] === 3)
    const clients = daemon.lines
      .filter(({ type }) => type === 'session-started')
      .map((line) => line['client'])
    expect(clients).toEqual([
      '192.0.2.7:8080',
      '[2001:db8::1]:49153',
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    ])
    expect(await daemon.logged(({ type }) => type === 'session-refused')).toMatchObject({
      client: '192.0.2.7:8080',
    })
  })

  test('a header that comes byte by byte, and one with the first request behind it, are the same', async () => {
    await using daemon = await start()
    using slow = await open(daemon)
    slow.socket.setNoDelay(true)
    for (const byte of from(8)) {
      slow.send(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await logIn(slow)).toBe('none')
    using fast = await open(daemon)
    fast.send(Buffer.concat([from(9), say.hello(), say.login(), say.eagerPut(1, '/a', 'content')]))
    await fast.next()
    await fast.next()
    expect(await fast.ack(1)).toMatchObject({ status: 'stored' })
    await daemon.logged((line) => line['client'] === '192.0.2.8:8080')
    await daemon.logged((line) => line['client'] === '192.0.2.9:8080')
  })

  test.each([
    ['no header', say.hello(), 'does not begin with a PROXY header'],
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 8080 9021\r\n'), 'send-proxy-v2'],
    ['an endless header', header('21 11 ffff 00'), 'at most 4096 are taken'],
    ['the addresses of Unix sockets', header(`21 31 00d8 ${'00'.repeat(216)}`), 'not for TCP'],
    ['a header that is cut', from(7).subarray(0, 20), 'within the PROXY header'],
  ])('a load balancer that sends %s is told so', async (_kind, bytes, message) => {
    await using daemon = await start()
    using client = await open(daemon)
    client.send(bytes)
    client.half()
    const [bye, ...more] = await client.rest()
    expect([bye?.type, errorCode(bye?.json), more]).toEqual(['BYE', 'protocol-error', []])
    expect(JSON.stringify(bye?.json)).toContain(message)
    expect(await daemon.logged(({ type }) => type === 'accept-failed')).toMatchObject({
      msg: expect.stringContaining(message),
    })
    expect(daemon.lines.some(({ type }) => type === 'session-started')).toBe(false)
  })

  test('others than load balancers have the address they come from, and may send no header', async () => {
    await using daemon = await start()
    using honest = await open(daemon, '127.0.0.2')
    expect(await logIn(honest)).toBe('none')
    using liar = await open(daemon, '127.0.0.3')
    liar.send(from(7))
    expect((await liar.rest()).map(({ json }) => errorCode(json))).toEqual(['protocol-error'])
    await daemon.logged((line) => line.type === 'session-started' && line['session'] === 2)
    const clients = daemon.lines
      .filter(({ type }) => type === 'session-started')
      .map((line) => line['client'])
    expect(clients).toEqual([
      expect.stringMatching(/^127\.0\.0\.2:\d+$/),
      expect.stringMatching(/^127\.0\.0\.3:\d+$/),
    ])
  })

  test('one that never sends its header is let go; meanwhile others are served; a look at the port is no event', async () => {
    await using daemon = await start()
    using silent = await open(daemon)
    silent.send(from(7).subarray(0, 13))
    using look = await open(daemon)
    look.half()
    expect(await look.rest()).toEqual([])
    using client = await open(daemon)
    client.send(from(8))
    expect(await logIn(client)).toBe('none')
    expect(daemon.lines.some(({ type }) => type === 'accept-failed')).toBe(false)
    await silent.rest()
    expect(await daemon.logged(({ type }) => type === 'accept-failed')).toMatchObject({
      msg: expect.stringContaining('within 5 s'),
    })
  })
})

test('who guesses passwords through a load balancer is banned, and the load balancer is not', async () => {
  const users = new UsersFile(folder.path)
  await users.add('ann', 'right')
  const args = ['--proxy-protocol', '127.0.0.1', '--max-failed-logins', '1', ...users.args]
  await using daemon = await DaemonProcess.start(root, args)
  const attempt = async (last: number, password: string) => {
    using client = await open(daemon)
    client.send(
      from(last),
      say.hello(),
      say.request(1, 'login', { user: 'ann', method: 'password', password }),
    )
    const answers = [await client.next(), await client.next()]
    return errorCode(answers.find((frame) => frame?.type !== 'HELLO')?.json)
  }
  expect(await attempt(7, 'guess')).toBe('login-failed')
  expect(await daemon.logged(({ type }) => type === 'address-banned')).toMatchObject({ address: '192.0.2.7' })
  expect(await attempt(7, 'right')).toBe('rate-limited')
  expect(await attempt(8, 'right')).toBe('none')
})

test.each([
  [['--proxy-protocol', 'lb.example'], '"lb.example" is no address or network'],
  [['--proxy-protocol', '10.0.0.0/33'], 'is no address or network'],
  [['--proxy-protocol', '127.0.0.1,'], '"" is no address or network'],
  [['--proxy-protocol', '127.0.0.1', '--unix', '/tmp/x.sock'], '--unix'],
])('%j is refused', async (args, message) => {
  const daemon = new DaemonProcess([root, '--port', '0', ...args])
  expect(await daemon.exited).toMatchObject({ code: 2 })
  expect(daemon.stderr).toContain(message)
})

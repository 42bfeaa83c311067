import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { TestCertificate } from './certificate.js'
import { DaemonProcess, SERVERS } from './daemon.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { tempFolder } from './temp-folder.js'

/** What a connection is told: `HELLO none` and so on if it is served, `BYE too-many-connections` if it is not. */
async function firstWords(client: RawClient): Promise<string> {
  client.send(say.hello(), say.login())
  const frame = await client.next()
  return frame === undefined ? 'nothing' : `${frame.type} ${errorCode(frame.json)}`
}

const SERVED = 'HELLO none'
const REFUSED = 'BYE too-many-connections'

function dispose(clients: readonly RawClient[]): void {
  for (const client of clients) client[Symbol.dispose]()
}

describe.each(SERVERS)('%s', (_name, args) => {
  test('a full server says so, and takes the next client as soon as one has left', async () => {
    using folder = tempFolder('in memory')
    await using daemon = await DaemonProcess.start(folder.path, [...args, '--max-connections', '3'])
    const clients = await Promise.all([1, 2, 3].map(() => RawClient.login(daemon.place)))
    try {
      using late = await RawClient.connect(daemon.place)
      const refused = await late.next()
      expect(`${refused?.type} ${errorCode(refused?.json)}`).toBe(REFUSED)
      expect(refused?.json['error']).toMatchObject({ retryable: true })
      expect(await late.next()).toBeUndefined()
      expect(await daemon.logged((line) => line.type === 'session-refused')).toMatchObject({
        reason: 'too-many-connections',
        count: 1,
      })
      for (const client of clients) expect(await client.ask(1, 'pwd')).toMatchObject({ ok: true })
      clients[0]?.[Symbol.dispose]()
      await daemon.logged((line) => line.type === 'session-ended')
      using next = await RawClient.connect(daemon.place)
      expect(await firstWords(next)).toBe(SERVED)
    } finally {
      dispose(clients)
    }
  })

  test('every client that was refused is counted in the log, also if none comes after it', async () => {
    using folder = tempFolder('in memory')
    await using daemon = await DaemonProcess.start(folder.path, [...args, '--max-connections', '1'])
    using _first = await RawClient.login(daemon.place)
    const refuse = async () => {
      using client = await RawClient.connect(daemon.place)
      expect((await client.next())?.type).toBe('BYE')
    }
    const refused = () => daemon.lines.filter((line) => line.type === 'session-refused')
    const counted = () => refused().reduce((sum, line) => sum + Number(line['count']), 0)
    for (let i = 0; i < 5; i++) await refuse()
    await daemon.logged(() => counted() === 5)
    for (let i = 0; i < 3; i++) await refuse()
    await daemon.stop()
    expect(counted()).toBe(8)
    expect(refused().length).toBeLessThan(8)
  })

  test('clients that are cut off without a word, because too many are being told, are counted too', async () => {
    using folder = tempFolder('in memory')
    await using daemon = await DaemonProcess.start(folder.path, [...args, '--max-connections', '1'])
    using _first = await RawClient.login(daemon.place)
    const clients = await Promise.all(Array.from({ length: 150 }, () => RawClient.connect(daemon.place)))
    try {
      const words = await Promise.all(clients.map(async (client) => (await client.next())?.type ?? 'nothing'))
      expect(words.filter((word) => word !== 'BYE' && word !== 'nothing')).toEqual([])
      const counted = () =>
        daemon.lines
          .filter((line) => line.type === 'session-refused')
          .reduce((sum, line) => sum + Number(line['count']), 0)
      await daemon.logged(() => counted() === clients.length)
    } finally {
      dispose(clients)
    }
  })

  test('the limit is exact, also if many come at once', async () => {
    using folder = tempFolder('in memory')
    await using daemon = await DaemonProcess.start(folder.path, [...args, '--max-connections', '10'])
    const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(daemon.place)))
    try {
      const words = await Promise.all(clients.map(firstWords))
      expect(words.filter((each) => each === SERVED)).toHaveLength(10)
      expect(words.filter((each) => each === REFUSED)).toHaveLength(40)
    } finally {
      dispose(clients)
    }
  })
})

describe.each([['2'], ['0']])('with --workers %s', (workers) => {
  test('a limit for one address leaves room for others', async () => {
    using folder = tempFolder('in memory')
    const limits = ['--max-connections-per-ip', '2', '--workers', workers]
    await using daemon = await DaemonProcess.start(folder.path, limits)
    const from = async (localAddress: string) => {
      const socket = connect({ port: daemon.place as number, host: '127.0.0.1', localAddress })
      await once(socket, 'connect')
      return RawClient.on(socket)
    }
    const clients: RawClient[] = []
    try {
      for (const address of ['127.0.0.2', '127.0.0.2', '127.0.0.2', '127.0.0.3', '127.0.0.4']) {
        clients.push(await from(address))
      }
      const words = await Promise.all(clients.map(firstWords))
      expect(words).toEqual([SERVED, SERVED, REFUSED, SERVED, SERVED])
    } finally {
      dispose(clients)
    }
  })

  test('clients on a Unix socket have no address, so only the total counts', async () => {
    using folder = tempFolder('in memory')
    const path = `${folder.path}.sock`
    const limits = ['--max-connections', '3', '--max-connections-per-ip', '1']
    const args = ['--unix', path, '--workers', workers, ...limits]
    await using daemon = await DaemonProcess.start(folder.path, args)
    const clients = await Promise.all([1, 2, 3, 4].map(() => RawClient.connect(daemon.place)))
    try {
      const words = await Promise.all(clients.map(firstWords))
      expect(words.sort()).toEqual([REFUSED, SERVED, SERVED, SERVED])
    } finally {
      dispose(clients)
    }
  })

  test.skipIf(process.platform !== 'linux')('100 descriptors are enough to start and to store', async () => {
    using folder = tempFolder('in memory')
    const limited = {
      command: ['/bin/sh', '-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath],
    } as const
    await using daemon = await DaemonProcess.start(folder.path, ['--workers', workers], limited)
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/a', 'content'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
  })

  test.skipIf(process.platform !== 'linux')(
    'with 256 descriptors, clients that do nothing keep nobody from transferring, and are let go in time',
    async () => {
      using folder = tempFolder('in memory')
      const limited = {
        command: ['/bin/sh', '-c', 'ulimit -n 256; exec "$0" "$@"', process.execPath],
      } as const
      const args = ['--workers', workers, '--login-timeout', '2']
      await using daemon = await DaemonProcess.start(folder.path, args, limited)
      const { maxConnections } = await daemon.logged((line) => line.type === 'ready')
      expect(maxConnections).toBeLessThan(128)
      using early = await RawClient.login(daemon.place)
      const idle = await Promise.all(Array.from({ length: 300 }, () => RawClient.connect(daemon.place)))
      try {
        for (let id = 0; id < 20; id++) {
          early.send(say.eagerPut(id, `/${id}`, 'content'))
          expect(await early.ack(id)).toMatchObject({ status: 'stored' })
        }
        // Each of them is told something in the end: the server is full, or the login took too long.
        const last = await Promise.all(
          idle.map(async (client) => errorCode((await client.rest()).at(-1)?.json)),
        )
        expect(last.filter((code) => code === 'timeout').length).toBeGreaterThan(50)
        expect(last.filter((code) => code === 'too-many-connections').length).toBeGreaterThanOrEqual(64)
      } finally {
        dispose(idle)
      }
      using late = await RawClient.login(daemon.place)
      expect(await late.ask(1, 'pwd')).toMatchObject({ ok: true })
    },
  )
})

/** Whether the server makes a TLS handshake with a client from this address. */
async function shakesHands(port: number, localAddress: string): Promise<boolean> {
  const options = { rejectUnauthorized: false, ALPNProtocols: ['jftp/1'] }
  const socket = connectTls({ port, host: '127.0.0.1', localAddress, ...options } as ConnectionOptions)
  try {
    await once(socket, 'secureConnect')
    return true
  } catch {
    return false
  } finally {
    socket.on('error', () => {}).destroy()
  }
}

test('handshakes that never end count for their address, and leave room for other addresses', async () => {
  using folder = tempFolder('in memory')
  const certificate = await TestCertificate.make(join(folder.path, 'state'))
  const root = join(folder.path, 'root')
  mkdirSync(root)
  const limits = ['--max-connections-per-ip', '2', '--login-timeout', '60']
  await using daemon = await DaemonProcess.start(root, [...limits, ...certificate.args])
  const port = Number(daemon.place)
  const silent = Array.from({ length: 80 }, () =>
    connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }).on('error', () => {}),
  )
  try {
    let closed = 0
    for (const socket of silent) socket.resume().once('close', () => closed++)
    // Two may have a session, and 64 more could be told that they may not.
    await expect.poll(() => closed, { timeout: 60_000 }).toBe(80 - 2 - 64)
    const line = await daemon.logged(({ type }) => type === 'session-refused')
    expect(line).toMatchObject({
      reason: 'too-many-connections',
      client: expect.stringMatching(/^127\.0\.0\.2:/),
    })
    expect(await shakesHands(port, '127.0.0.1')).toBe(true)
    expect(await shakesHands(port, '127.0.0.2')).toBe(false)
    // Who leaves makes room.
    for (const socket of silent) socket.destroy()
    await expect.poll(() => shakesHands(port, '127.0.0.2'), { timeout: 60_000 }).toBe(true)
  } finally {
    for (const socket of silent) socket.destroy()
  }
})

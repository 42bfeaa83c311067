import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { passedOf, RawClient, say } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'
import { ftpd } from './users.js'

const SECRET = 'a secret of more than sixteen bytes'

makeRootForEachTest(() => {
  writeFileSync(join(folder.path, 'secret'), `${SECRET}\n`, { mode: 0o600 })
}, 'on disk')

interface Delivery {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks: a real HTTP server that keeps what it is sent. */
class Receiver implements AsyncDisposable {
  readonly deliveries: Delivery[] = []
  /** What it answers next; at the end 204, or nothing at all if `isSilent`. */
  statuses: number[] = []
  isSilent = false
  readonly #server: Server
  #wake: (() => void)[] = []

  private constructor() {
    this.#server = createServer((request, response) => {
      // Whoever was killed or stopped in the middle sends no body.
      this.#take(request, response).catch(() => {})
    })
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.deliveries.push({ headers: request.headers, body: await text(request) })
    for (const wake of this.#wake.splice(0)) wake()
    if (this.isSilent) return
    response.writeHead(this.statuses.shift() ?? 204, { Location: '/elsewhere' }).end()
  }

  static async listen(port = 0): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.listen(port, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async received(count: number): Promise<Delivery[]> {
    while (this.deliveries.length < count) await new Promise<void>((resolve) => this.#wake.push(resolve))
    return this.deliveries
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function configured(hooks: string): string[] {
  const path = join(folder.path, 'ftpd.toml')
  writeFileSync(path, `[hooks]\n${hooks}`)
  return ['--config', path]
}

function webhook(port: number): string[] {
  const secret = join(folder.path, 'secret')
  return configured(`webhook = "http://127.0.0.1:${port}/hook"\nwebhook-secret-file = "${secret}"`)
}

/** What waits in the outbox. */
function outbox(): string[] {
  return readdirSync(join(root, '.jftp', 'webhooks'))
}

/** Resolves when all that was sent is out of the outbox. */
async function emptied(): Promise<void> {
  while (outbox().length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

function idOf({ body }: Delivery): unknown {
  return (JSON.parse(body) as { id: unknown }).id
}

describe.each(SERVERS)('%s', (_name, args) => {
  test('SIGHUP adds a webhook, sends what waits to another one, and keeps it while there is none', async () => {
    await using receiver = await Receiver.listen()
    await using other = await Receiver.listen()
    receiver.statuses = Array.from({ length: 20 }, () => 503)
    await using daemon = await DaemonProcess.start(root, [...args, ...configured('timeout = 5')])
    const reload = async (change: () => void) => {
      const count = daemon.lines.filter(({ type }) => type === 'reloaded').length
      change()
      daemon.process.kill('SIGHUP')
      await daemon.logged(() => daemon.lines.filter(({ type }) => type === 'reloaded').length > count)
    }
    using client = await RawClient.login(daemon.place)
    const put = async (id: number) => {
      client.send(say.eagerPut(id, `/${id}`, 'content'))
      expect(await client.ack(id)).toMatchObject({ status: 'stored' })
    }
    await put(1)
    await reload(() => webhook(receiver.port))
    await put(2)
    await receiver.received(1)
    await daemon.logged(({ type }) => type === 'webhook-failed')
    await reload(() => configured('timeout = 5'))
    await put(3)
    expect(await daemon.logged(({ type }) => type === 'webhooks-left')).toMatchObject({ events: 1 })
    expect(outbox()).toHaveLength(1)
    // The secret is read again, too.
    writeFileSync(join(folder.path, 'secret'), `${SECRET} and more\n`, { mode: 0o600 })
    await reload(() => webhook(other.port))
    await put(4)
    const deliveries = await other.received(2)
    expect(deliveries.map(({ body }) => (JSON.parse(body) as { path: string }).path).sort()).toEqual([
      '/2',
      '/4',
    ])
    for (const { headers, body } of deliveries) {
      const stamp = String(headers['x-jftp-timestamp'])
      const hmac = createHmac('sha256', `${SECRET} and more`).update(`${stamp}.${body}`).digest('hex')
      expect(headers['x-jftp-signature']).toBe(`sha256=${hmac}`)
    }
    await emptied()
  })

  test('a port to which no HTTP client may send is named as the cause', async () => {
    // 6667 is IRC: fetch refuses it, as browsers do.
    await using daemon = await DaemonProcess.start(root, [...args, ...webhook(6667)])
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/file', 'content'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    expect(await daemon.logged(({ type }) => type === 'webhook-failed')).toMatchObject({
      reason:
        'no HTTP client may send to port 6667, which belongs to another protocol; give the receiver another port',
    })
  })

  test('each stored upload is sent, signed, and then out of the outbox', async () => {
    await using receiver = await Receiver.listen()
    await using daemon = await DaemonProcess.start(root, [...args, ...webhook(receiver.port)])
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/new file', 'content'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    const [first] = (await receiver.received(1)) as [Delivery]
    const { hex } = passedOf('content').digest as { hex: string }
    const { id } = await daemon.logged(({ type }) => type === 'transfer')
    expect(JSON.parse(first.body)).toEqual({
      v: 1,
      type: 'uploaded',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      path: '/new file',
      size: 7,
      digest: `md5:${hex}`,
      user: 'anonymous',
      address: expect.stringMatching(/^(127\.0\.0\.1|unix)$/),
      requestId: id,
    })
    const timestamp = String(first.headers['x-jftp-timestamp'])
    const hmac = createHmac('sha256', SECRET).update(`${timestamp}.${first.body}`).digest('hex')
    expect(timestamp).toMatch(/^\d{10}$/)
    expect(first.headers['x-jftp-signature']).toBe(`sha256=${hmac}`)
    await emptied()
    client.send(...[2, 3, 4].map((n) => say.eagerPut(n, `/${n}`, 'x')))
    const all = await receiver.received(4)
    expect(new Set(all.map(idOf)).size).toBe(4)
    client.half()
    expect(await daemon.stop()).toEqual({ code: 0, signal: null })
  })

  test('what was acknowledged is sent after kill -9 by the next ftpd, under the id it had', async () => {
    await using receiver = await Receiver.listen()
    receiver.isSilent = true
    const daemon = await DaemonProcess.start(root, [...args, ...webhook(receiver.port)])
    // Its acknowledgements come in the order of the requests.
    const ids = Array.from({ length: 20 }, (_, index) => index + 1)
    {
      await using _killed = daemon
      using client = await RawClient.login(daemon.place)
      client.send(...ids.map((id) => say.eagerPut(id, `/${id}`, 'x')))
      // A receiver that does not answer delays nobody.
      for (const id of ids) expect(await client.ack(id)).toMatchObject({ status: 'stored' })
      await daemon.stop('SIGKILL')
    }
    const waiting = outbox()
    expect(waiting.filter((name) => name.endsWith('.json'))).toHaveLength(20)
    const before = receiver.deliveries.length
    receiver.isSilent = false
    await using next = await DaemonProcess.start(root, [...args, ...webhook(receiver.port)])
    const sent = (await receiver.received(before + 20)).slice(before)
    expect(sent.map(idOf).sort()).toEqual(waiting.map((name) => name.slice(14, 50)).sort())
    await emptied()
    expect(await next.stop()).toEqual({ code: 0, signal: null })
  })
})

test.each([500, 429, 408, 302])('after %i it is tried again, and no redirect is followed', async (status) => {
  await using receiver = await Receiver.listen()
  receiver.statuses = [status]
  await using daemon = await DaemonProcess.start(root, ['--workers', '0', ...webhook(receiver.port)])
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/new', 'x'))
  const [first, second] = (await receiver.received(2)) as [Delivery, Delivery]
  expect(idOf(second)).toBe(idOf(first))
  expect(await daemon.logged(({ type }) => type === 'webhook-failed')).toMatchObject({
    event: idOf(first),
    reason: `the receiver answered ${status}`,
  })
  await emptied()
})

test('a receiver that is not there is tried until it is', async () => {
  const gone = await Receiver.listen()
  const { port } = gone
  await gone[Symbol.asyncDispose]()
  await using daemon = await DaemonProcess.start(root, ['--workers', '0', ...webhook(port)])
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/new', 'x'))
  await daemon.logged(({ type, reason }) => type === 'webhook-failed' && /ECONNREFUSED/.test(String(reason)))
  await using receiver = await Receiver.listen(port)
  await receiver.received(1)
  await emptied()
})

test('what the receiver refuses for good is dropped and logged', async () => {
  await using receiver = await Receiver.listen()
  receiver.statuses = [410]
  await using daemon = await DaemonProcess.start(root, ['--workers', '0', ...webhook(receiver.port)])
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/new', 'x'))
  expect(await daemon.logged(({ type }) => type === 'webhook-dropped')).toMatchObject({
    reason: 'the receiver answered 410',
  })
  expect(outbox()).toEqual([])
  expect(receiver.deliveries).toHaveLength(1)
})

test('an event older than a day is dropped when it fails once more', async () => {
  await using receiver = await Receiver.listen()
  receiver.statuses = [503]
  const id = '00000000-0000-4000-8000-000000000000'
  mkdirSync(join(root, '.jftp', 'webhooks'), { recursive: true })
  const old = String(Date.now() - 25 * 3_600_000)
  // No process has this id: it is above the highest that Linux gives.
  writeFileSync(join(root, '.jftp', 'webhooks', `${old}-${id}.4194305.json`), '{}')
  await using daemon = await DaemonProcess.start(root, ['--workers', '0', ...webhook(receiver.port)])
  expect(await daemon.logged(({ type }) => type === 'webhook-dropped')).toMatchObject({ event: id })
  expect(outbox()).toEqual([])
})

test('an ftpd that has no webhook any more says how many events wait', async () => {
  const path = join(root, '.jftp', 'webhooks')
  mkdirSync(path, { recursive: true })
  for (const last of ['0', '1']) {
    const id = `00000000-0000-4000-8000-00000000000${last}`
    writeFileSync(join(path, `${Date.now()}-${id}.4194305.json`), '{}')
  }
  await using daemon = await DaemonProcess.start(root, ['--workers', '0'])
  expect(await daemon.logged(({ type }) => type === 'webhooks-left')).toMatchObject({ level: 40, events: 2 })
  expect(outbox()).toHaveLength(2)
})

test('a full outbox takes no more events, and uploads are stored all the same', async () => {
  await using receiver = await Receiver.listen()
  receiver.isSilent = true
  const path = join(root, '.jftp', 'webhooks')
  mkdirSync(path, { recursive: true })
  const time = Date.now()
  for (let n = 0; n < 10_000; n++) {
    const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
    writeFileSync(join(path, `${time}-${id}.4194305.json`), '{}')
  }
  await using daemon = await DaemonProcess.start(root, ['--workers', '0', ...webhook(receiver.port)])
  await receiver.received(4)
  using client = await RawClient.login(daemon.place)
  client.send(say.eagerPut(1, '/new', 'x'))
  expect(await client.ack(1)).toMatchObject({ status: 'stored' })
  expect(await daemon.logged(({ type }) => type === 'webhook-dropped')).toMatchObject({
    path: '/new',
    reason: '10000 events wait already',
  })
  expect(existsSync(join(root, 'new'))).toBe(true)
  expect(outbox()).toHaveLength(10_000)
})

test.each([
  ['http://example.com/hook', /:2: hooks\.webhook: a URL with https is needed/],
  ['https://user:password@example.com/', /:2: hooks\.webhook: a URL with https is needed/],
  ['ftp://example.com/', /:2: hooks\.webhook: a URL with https is needed/],
  ['no URL', /:2: hooks\.webhook: a URL with https is needed/],
])('the webhook %j is refused with its line', async (url, message) => {
  const hooks = configured(`webhook = "${url}"\nwebhook-secret-file = "${join(folder.path, 'secret')}"`)
  const { exitCode, stderr } = await ftpd(['check', root, ...hooks])
  expect(stderr).toMatch(message)
  expect(stderr).not.toContain('password@')
  expect(exitCode).toBe(2)
})

test.each([
  ['missing', undefined, 0o600, /does not exist; run: .*openssl rand/],
  ['open to others', SECRET, 0o640, /others may read or change .* chmod 600/],
  ['short', 'short', 0o600, /must hold 16 to 4096 bytes/],
  ['long', 'x'.repeat(5000), 0o600, /must hold 16 to 4096 bytes/],
])('a secret file that is %s is refused with its line', async (_what, content, mode, message) => {
  const path = join(folder.path, 'other')
  if (content !== undefined) {
    writeFileSync(path, content)
    chmodSync(path, mode)
  }
  const hooks = configured(`webhook = "https://example.com/"\nwebhook-secret-file = "${path}"`)
  const { exitCode, stderr } = await ftpd(['check', root, ...hooks])
  expect(stderr).toMatch(/:3: hooks\.webhook-secret-file: /)
  expect(stderr).toMatch(message)
  expect(exitCode).toBe(2)
})

test('a webhook and its secret need each other', async () => {
  const alone = await ftpd(['check', root, ...configured('webhook = "https://example.com/"')])
  expect(alone.stderr).toContain('a webhook needs a secret')
  const secret = await ftpd(['check', root, ...configured('webhook-secret-file = "/x"')])
  expect(secret.stderr).toContain('there is no webhook')
})

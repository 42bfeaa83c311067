import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect as connectTo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connect } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { BoundSocket } from './bound-socket.js'
import { DaemonProcess, SERVERS } from './daemon.js'
import type { Place } from './place.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'

const SIZE = 64 * 1024
const COUNT = 10

makeRootForEachTest(() => {
  writeFileSync(join(root, 'large'), Buffer.alloc(12 * 1024 * 1024, 1))
}, 'on disk')

/** Transfers in both directions that have begun and can't end before `finish`. */
class OpenTransfers implements Disposable {
  /** Those of the clients, as the log shows them. */
  readonly addresses: string[] = []
  readonly #puts: RawClient[] = []
  readonly #gets: RawClient[] = []
  readonly #name: string

  private constructor(name: string) {
    this.#name = name
  }

  static async begin(place: Place, name: string): Promise<OpenTransfers> {
    const transfers = new OpenTransfers(name)
    for (let index = 0; index < COUNT; index++) {
      const put = await RawClient.login(place)
      transfers.#puts.push(put)
      await put.ask(1, 'put', { path: `/${name}-${index}` })
      put.send(say.data(1, contentOf(name, index).subarray(0, SIZE / 2)))
      const get = await RawClient.login(place)
      transfers.#gets.push(get)
      // Nobody reads on, so most of the file stays with the server.
      await get.ask(1, 'get', { path: '/large' })
      for (const { socket } of [put, get]) {
        transfers.addresses.push(`${socket.localAddress}:${socket.localPort}`)
      }
    }
    return transfers
  }

  /** Resolves to how many ended well: the server has stored the file, or the client has all of it. */
  async finish(): Promise<number> {
    let count = 0
    for (const [index, client] of this.#puts.entries()) {
      const content = contentOf(this.#name, index)
      client.send(say.data(1, content.subarray(SIZE / 2)), say.end(1, content))
      if ((await client.ack(1))['status'] === 'stored') count++
      client.half()
    }
    for (const client of this.#gets) {
      const { bytes, end } = await client.body(1)
      const hash = createHash('md5').update(bytes).digest('hex')
      if ((end['digest'] as { hex: string }).hex === hash) count++
      client.half()
    }
    return count
  }

  /** Whether every file that was put is there and whole. */
  get areStored(): boolean {
    return this.#puts.every((_put, index) =>
      readFileSync(join(root, `${this.#name}-${index}`)).equals(contentOf(this.#name, index)),
    )
  }

  [Symbol.dispose](): void {
    for (const client of [...this.#puts, ...this.#gets]) client[Symbol.dispose]()
  }
}

function contentOf(name: string, index: number): Buffer {
  return Buffer.alloc(SIZE, `${name} ${index} `)
}

/** Puts some files with the client library, over connections of their own. */
async function putWithLibrary(url: string, name: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await using client = await connect(url)
    await client.put(Buffer.from(`${name} ${index}`), `/${name}-${index}`)
  }
}

describe.each(SERVERS.slice(0, 2))('%s', (_name, args) => {
  test('SIGTERM during 20 transfers: all end well, who is idle is told, the exit code is 0', async () => {
    await using daemon = await DaemonProcess.start(root, args)
    using transfers = await OpenTransfers.begin(daemon.place, 'file')
    using idle = await RawClient.login(daemon.place)
    daemon.process.kill('SIGTERM')
    expect(await daemon.logged(({ type }) => type === 'stopping')).toMatchObject({ active: 21 })
    expect((await idle.rest()).map(({ type, json }) => [type, errorCode(json)])).toEqual([
      ['BYE', 'shutting-down'],
    ])
    idle.half()
    expect(await transfers.finish()).toBe(20)
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
    expect(daemon.lines.some(({ type }) => type === 'cut-off')).toBe(false)
    expect(transfers.areStored).toBe(true)
  })

  test('an upgrade on a socket that both daemons have inherited drops no transfer and refuses nobody', async () => {
    using socket = new BoundSocket()
    const { descriptor } = socket
    await using old = await DaemonProcess.start(root, args, { descriptor })
    using finished = await OpenTransfers.begin(old.place, 'old')
    await using young = await DaemonProcess.start(root, args, { descriptor })
    expect(young.place).toBe(old.place)
    old.process.kill('SIGTERM')
    await old.logged(({ type }) => type === 'stopping')
    await putWithLibrary(young.url, 'meanwhile', 20)
    using later = await OpenTransfers.begin(young.place, 'new')
    expect(await finished.finish()).toBe(20)
    expect(await old.exited).toEqual({ code: 0, signal: null })
    // What the old one tidies up at its end is its own.
    expect(await later.finish()).toBe(20)
    expect([finished.areStored, later.areStored]).toEqual([true, true])
    expect(readdirSync(root).filter((name) => name.startsWith('meanwhile'))).toHaveLength(20)
    expect(await young.stop()).toEqual({ code: 0, signal: null })
  })
})

const hasHaproxy = (() => {
  try {
    execFileSync('haproxy', ['-v'], { env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } })
    return true
  } catch {
    return false
  }
})()

/** The HAProxy of this machine, with the example in deploy/ on other ports. */
class Haproxy implements AsyncDisposable {
  readonly url: string
  readonly place: number
  readonly #process: ReturnType<typeof spawn>

  private constructor(process: ReturnType<typeof spawn>, port: number) {
    this.#process = process
    this.place = port
    this.url = `jftp://127.0.0.1:${port}/`
  }

  static async start(ports: Readonly<Record<string, number>>): Promise<Haproxy> {
    const example = readFileSync(
      fileURLToPath(new URL('../deploy/haproxy.cfg', import.meta.url)),
      'utf8',
    ).replace('bind :9021', 'bind 127.0.0.1:9021')
    const file = join(folder.path, 'haproxy.cfg')
    const port = await freePort()
    writeFileSync(
      file,
      example.replace(/\b(9021|9022|9023|9464|9465)\b/g, (name) => String({ ...ports, 9021: port }[name])),
    )
    const child = spawn('haproxy', ['-db', '-f', file], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
      stdio: 'ignore',
    })
    await once(child, 'spawn')
    const proxy = new Haproxy(child, port)
    await proxy.#untilItListens()
    return proxy
  }

  async #untilItListens(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error('HAProxy did not start')
      const socket = connectTo(this.place, '127.0.0.1')
      const [isOpen] = await Promise.race([
        once(socket, 'connect').then(() => [true]),
        once(socket, 'error').then(() => [false]),
      ]).catch(() => [false])
      socket.destroy()
      if (isOpen) return
      await delay(50)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

test.skipIf(!hasHaproxy)('behind HAProxy one of two daemons drains in the middle of transfers', async () => {
  const args = ['--workers', '1', '--metrics', '0', '--proxy-protocol', '127.0.0.1']
  await using first = await DaemonProcess.start(root, args)
  await using second = await DaemonProcess.start(root, args)
  const portOf = ({ lines }: DaemonProcess) =>
    Number(/:(\d+)/.exec(String(lines.find(({ type }) => type === 'ready')?.['metrics']).slice(7))?.[1])
  await using proxy = await Haproxy.start({
    9022: Number(first.place),
    9023: Number(second.place),
    9464: portOf(first),
    9465: portOf(second),
  })
  using transfers = await OpenTransfers.begin(proxy.place, 'file')
  const sessionsOf = ({ lines }: DaemonProcess) =>
    lines.filter(({ type }) => type === 'session-started').length
  // Both have some of them.
  expect(Math.min(sessionsOf(first), sessionsOf(second))).toBeGreaterThan(0)
  first.process.kill('SIGTERM')
  await first.logged(({ type }) => type === 'stopping')
  const before = sessionsOf(first)
  await putWithLibrary(proxy.url, 'meanwhile', 20)
  expect(await transfers.finish()).toBe(20)
  expect(await first.exited).toEqual({ code: 0, signal: null })
  expect(first.lines.some(({ type }) => type === 'cut-off')).toBe(false)
  expect(sessionsOf(first) - before).toBeLessThanOrEqual(1)
  expect(transfers.areStored).toBe(true)
  expect(readdirSync(root).filter((name) => name.startsWith('meanwhile'))).toHaveLength(20)
  // HAProxy has told them the address of each client.
  const clients = [first, second].flatMap(({ lines }) =>
    lines.filter(({ type }) => type === 'session-started').map((line) => line['client']),
  )
  expect(clients).toEqual(expect.arrayContaining(transfers.addresses))
})

import { execFileSync, spawn } from 'node:child_process'
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
import { OpenTransfers } from './open-transfers.js'
import { ROUNDS } from './random.js'
import { errorCode, RawClient } from './raw-client.js'
import { folder, makeRootForEachTest, root } from './served-root.js'

makeRootForEachTest(() => {
  OpenTransfers.layOut(root)
}, 'on disk')

/** Puts some files with the client library, over connections of their own. */
async function putWithLibrary(url: string, name: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await using client = await connect(url)
    await client.put(Buffer.from(`${name} ${index}`), `/${name}-${index}`)
  }
}

describe.each(SERVERS.slice(0, 2))('%s', (_name, args) => {
  test(
    'SIGTERM during 20 transfers: all end well, who is idle is told, the exit code is 0',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await using daemon = await DaemonProcess.start(root, args)
        using transfers = await OpenTransfers.begin(daemon.place, root, 'file')
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
      }
    },
    ROUNDS * 180_000,
  )

  test('an upgrade on a socket that both daemons have inherited drops no transfer and refuses nobody', async () => {
    using socket = new BoundSocket()
    const { descriptor } = socket
    await using old = await DaemonProcess.start(root, args, { descriptor })
    using finished = await OpenTransfers.begin(old.place, root, 'old')
    await using young = await DaemonProcess.start(root, args, { descriptor })
    expect(young.place).toBe(old.place)
    old.process.kill('SIGTERM')
    await old.logged(({ type }) => type === 'stopping')
    await putWithLibrary(young.url, 'meanwhile', 20)
    using later = await OpenTransfers.begin(young.place, root, 'new')
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
  using transfers = await OpenTransfers.begin(proxy.place, root, 'file')
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

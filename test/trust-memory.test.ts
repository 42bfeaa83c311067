import { once } from 'node:events'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeJsonFrame, FrameType } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVER_ARGS } from './daemon.js'
import { RawClient, say } from './raw-client.js'
import { makeRootForEachTest, root } from './served-root.js'
import { tempFolder } from './temp-folder.js'

const MiB = 1024 * 1024

/** What each client here sends, if it is let. */
const FLOOD = 200 * MiB

/** What ftpd may grow by meanwhile: its own buffers and garbage not yet collected, far below the flood. */
const ROOM = 160 * MiB

/** And for every client more than one. */
const ROOM_EACH = 40 * MiB

/** Repeats frames to about a mebibyte. */
function block(make: (n: number) => Uint8Array): Buffer {
  const frames: Uint8Array[] = []
  for (let size = 0, n = 0; size < MiB; n++) {
    const frame = make(n)
    frames.push(frame)
    size += frame.length
  }
  return Buffer.concat(frames)
}

/** Sends until all is sent, or the server has taken nothing for a second, or is gone. */
async function flood(client: RawClient, next: (n: number) => Uint8Array): Promise<void> {
  for (let sent = 0, n = 0; sent < FLOOD && !client.socket.destroyed; n++) {
    const bytes = next(n)
    sent += bytes.length
    if (client.socket.write(bytes)) continue
    const stop = new AbortController()
    const drained = once(client.socket, 'drain', { signal: stop.signal }).then(
      () => 'drained',
      () => 'gone',
    )
    const outcome = await Promise.race([drained, sleep(1000, 'stuck')])
    stop.abort()
    if (outcome !== 'drained') return
  }
}

/** Floods of so many clients that never read. `begin` comes before. */
const floods: [what: string, clients: number, begin: () => Uint8Array[], next: (n: number) => Uint8Array][] =
  [
    [
      'PINGs',
      1,
      () => [],
      (() => {
        const pings = block(() => say.ping(1))
        return () => pings
      })(),
    ],
    [
      'requests whose answers nobody reads',
      1,
      () => [],
      (() => {
        const requests = block((n) => say.request(n % 60_000, 'stat', { path: '/large' }))
        return () => requests
      })(),
    ],
    [
      'gets of a large file, none read',
      1,
      () => [],
      (() => {
        const requests = block((n) => say.request(n % 60_000, 'get', { path: '/large' }))
        return () => requests
      })(),
    ],
    [
      'an upload byte by byte behind a get that nobody reads',
      4,
      () => [say.request(1, 'get', { path: '/large' }), say.request(2, 'put', { path: '/x', eager: true })],
      (() => {
        const bytes = block(() => say.data(2, 'x'))
        return () => bytes
      })(),
    ],
    [
      'an upload byte by byte, each in much that is nothing, behind a get that nobody reads',
      1,
      () => [say.request(1, 'get', { path: '/large' }), say.request(2, 'put', { path: '/x', eager: true })],
      (() => {
        const nothing = block(() => say.cancel(9)).subarray(0, 64 * 1024)
        const bytes = Buffer.concat([nothing, say.data(2, 'x')])
        return () => bytes
      })(),
    ],
    [
      'refused uploads that never end',
      1,
      () => [],
      (n) => say.request(n % 65_536, 'put', { path: '/none/x', eager: true, more: 'x'.repeat(60_000) }),
    ],
    [
      'refused uploads of nested JSON that never end',
      1,
      () => [],
      (n) => say.request(n % 65_536, 'put', { path: '/none/x', eager: true, more: nested }),
    ],
    [
      'an upload byte by byte behind another that gets no body',
      4,
      () => [say.request(1, 'put', { path: '/y' }), say.request(2, 'put', { path: '/x', eager: true })],
      (() => {
        const nothing = block(() => say.cancel(9)).subarray(0, 64 * 1024)
        const bytes = Buffer.concat([nothing, say.data(2, 'x')])
        return () => bytes
      })(),
    ],
    [
      'requests full of nested JSON',
      1,
      () => [say.request(1, 'put', { path: '/x' })],
      (n) => say.request(2 + n, 'nothing', { nested }),
    ],
  ]
const nested = Array.from({ length: 20_000 }, () => [])

describe('what clients send and do not read is not kept in memory', () => {
  makeRootForEachTest(() => {
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 4096 * MiB)
  })

  test.each(floods)('%s', async (_what, count, begin, next) => {
    await using daemon = await DaemonProcess.start(root)
    using other = await RawClient.login(daemon.place)
    const clients = await Promise.all(Array.from({ length: count }, () => RawClient.login(daemon.place)))
    const before = daemon.memory
    let highest = 0
    const look = () => {
      highest = Math.max(highest, daemon.memory)
    }
    const watch = setInterval(look, 20)
    try {
      for (const client of clients) client.send(...begin())
      await Promise.all(clients.map((client) => flood(client, next)))
      look()
    } finally {
      clearInterval(watch)
      for (const client of clients) client[Symbol.dispose]()
    }
    expect(highest - before).toBeLessThan(ROOM + (count - 1) * ROOM_EACH)
    expect(await other.ask(1, 'pwd')).toMatchObject({ ok: true })
  })
})

/** A request of 64 KiB that takes more than twenty times as much memory when its JSON has been parsed. */
const LARGE_WHEN_PARSED = { cmd: 'ping', x: Array.from({ length: 21_000 }, () => ({})) }

/** Clients that each let a mebibyte of such requests wait. */
const HOARDERS = 37

/** If there are threads, there is one: it has all clients. */
const ONE_THREAD = SERVER_ARGS.map((arg) => (arg === '2' ? '1' : arg))

describe('a heap of 64 MiB', () => {
  test('37 MiB of requests that wait do not exhaust it', async () => {
    using folder = tempFolder('in memory')
    const root = join(folder.path, 'root')
    mkdirSync(root)
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 64 * MiB)
    const smallHeap = { command: [process.execPath, '--max-old-space-size=64'] } as const
    await using daemon = await DaemonProcess.start(root, ONE_THREAD, smallHeap)
    using other = await RawClient.login(daemon.place)
    const clients = await Promise.all(Array.from({ length: HOARDERS }, () => RawClient.login(daemon.place)))
    try {
      const hoard = block((n) => encodeJsonFrame(FrameType.REQUEST, 2 + n, LARGE_WHEN_PARSED))
      for (const client of clients) {
        // The answer to this one is not read, so those behind it wait.
        client.send(say.request(1, 'get', { path: '/large' }))
        client.send(hoard)
      }
      for (let id = 0; id < 200; id++) {
        expect(await other.ask(id, 'ping')).toMatchObject({ ok: true })
        await sleep(10)
      }
      expect(daemon.lines.filter((line) => line.type === 'worker-lost')).toEqual([])
      const [first] = clients
      expect(await first?.ack(1)).toMatchObject({ ok: true, size: 64 * MiB })
      expect((await first?.body(1))?.bytes.length).toBe(64 * MiB)
      expect(await first?.ack(2)).toMatchObject({ ok: true })
    } finally {
      for (const client of clients) client[Symbol.dispose]()
    }
  })
})

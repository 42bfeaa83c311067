import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { FaultyProxy } from './faulty-proxy.js'
import type { Place } from './place.js'
import { bytesOf, ROUNDS, randomFrom, SEED } from './random.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { staged, tempFolder, visible } from './temp-folder.js'

const MiB = 1024 * 1024

describe.skipIf(process.platform !== 'linux').each(SERVERS)('descriptors (%s)', (_name, args) => {
  test(`are as many after a crowd of clients that come, fail and go as before (seed ${SEED})`, async () => {
    using folder = tempFolder('in memory')
    const root = folder.path
    mkdirSync(join(root, 'folder'))
    for (let n = 0; n < 1000; n++) writeFileSync(join(root, 'folder', `${n}`), '')
    writeFileSync(join(root, 'large'), '')
    truncateSync(join(root, 'large'), 512 * MiB)
    await using daemon = await DaemonProcess.start(root, args)
    await using proxy = await FaultyProxy.start(daemon.place)
    const random = randomFrom(SEED)
    const bytes = bytesOf(300_000, 1)
    const crowd = async () => {
      const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(proxy.port)))
      for (const client of clients) {
        client.send(
          say.hello(),
          say.login(),
          say.eagerPut(1, '/file', bytes),
          say.eagerPut(2, '/none/file', bytes),
          say.request(3, 'ls', { path: '/folder' }),
          say.eagerPut(4, '/file', bytes, { onExists: 'rename' }),
          say.request(5, 'get', { path: '/large' }),
          say.eagerPut(6, '/file', bytes),
        )
      }
      await Promise.all(clients.map((client) => client.rest()))
    }
    const quiet = async () => {
      // All threads have answered somebody after everybody else had gone.
      for (let n = 0; n < 4; n++) {
        using client = await RawClient.login(daemon.place)
        await client.ask(1, 'ls', { path: '/' })
        await client.body(1)
      }
      return daemon.descriptors
    }
    proxy.fault = { what: 'cut', towards: 'to the client', at: 2 * MiB }
    await crowd()
    const before = await quiet()
    for (let round = 0; round < 5 * ROUNDS; round++) {
      const towards = round % 2 === 0 ? 'to the server' : 'to the client'
      proxy.fault = { what: 'cut', towards, at: Math.floor(random() * 900_000) }
      await crowd()
    }
    expect(await settled(quiet, before)).toBeLessThanOrEqual(before)
    expect(staged(root)).toEqual([])
  })

  test('too few: what can’t be opened is `busy` or waits, nothing partial, and ftpd goes on', async () => {
    using folder = tempFolder('in memory')
    const root = folder.path
    const bytes = bytesOf(100_000, 1)
    const limited = { command: ['/bin/sh', '-c', `ulimit -n 150; exec "$0" "$@"`, process.execPath] } as const
    await using daemon = await DaemonProcess.start(root, args, limited)
    const clients: RawClient[] = []
    try {
      for (let n = 0; n < 150; n++) clients.push(await RawClient.connect(daemon.place))
      const begun = clients.map(async (client, n) => {
        client.send(say.hello(), say.login(), say.request(1, 'put', { path: `/${n}`, eager: true }))
        client.send(say.data(1, bytes))
        await client.next()
        await client.next()
      })
      // Those that are served hold a descriptor for the connection and two for the upload.
      await Promise.race([Promise.all(begun), new Promise((resolve) => setTimeout(resolve, 1000))])
    } finally {
      for (const client of clients) client[Symbol.dispose]()
    }
    await Promise.all(clients.map((client) => client.rest()))
    using client = await loginAtLast(daemon.place)
    client.send(say.eagerPut(1, '/after', bytes))
    const ack = await client.ack(1)
    expect(errorCode(ack)).toBe('none')
    expect(readFileSync(join(root, 'after')).equals(bytes)).toBe(true)
    expect(visible(root)).toEqual(['after'])
    expect(await daemon.stop()).toEqual({ code: 0, signal: null })
  })
})

/** Asks again while sockets are still being closed: a server reads on for 2 s after its last word. */
async function settled(count: () => Promise<number>, wanted: number): Promise<number> {
  let found = await count()
  for (let n = 0; n < 50 && found > wanted; n++) {
    await sleep(100)
    found = await count()
  }
  return found
}

/** Tries again while the server still closes what it had too few descriptors for. */
async function loginAtLast(place: Place, triesLeft = 200): Promise<RawClient> {
  try {
    return await RawClient.login(place)
  } catch (error) {
    if (triesLeft === 0) throw error
    return loginAtLast(place, triesLeft - 1)
  }
}

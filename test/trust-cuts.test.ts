import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, FtpError } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { FaultyProxy } from './faulty-proxy.js'
import { bytesOf, ROUNDS, randomFrom, SEED } from './random.js'
import { RawClient, say } from './raw-client.js'
import { reserved, staged, tempFolder, visible } from './temp-folder.js'

const oldBytes = bytesOf(3000, 1)
const large = bytesOf(3 * 1024 * 1024, 2)

describe.each(SERVERS)(`a connection that is cut (%s, seed ${SEED})`, (_name, args) => {
  test('anywhere in an upload leaves the old file, and no staged one', async () => {
    using folder = tempFolder('in memory')
    const root = folder.path
    writeFileSync(join(root, 'file'), oldBytes)
    await using daemon = await DaemonProcess.start(root, args)
    await using proxy = await FaultyProxy.start(daemon.place)
    using other = await RawClient.login(daemon.place)
    const flight = Buffer.concat([
      say.hello(),
      say.login(),
      say.request(1, 'put', { path: '/file', eager: true }),
      ...[0, 1, 2].map((n) => say.data(1, large.subarray(n * 1024 * 1024, (n + 1) * 1024 * 1024))),
      say.end(1, large),
    ])
    const random = randomFrom(SEED)
    for (let n = 0; n < 50 * ROUNDS; n++) {
      const at = n < 10 ? flight.length - 1 - n : Math.floor(random() * flight.length)
      proxy.fault = { what: 'cut', towards: 'to the server', at }
      using client = await RawClient.connect(proxy.port)
      client.send(flight)
      await client.rest()
      expect(readFileSync(join(root, 'file')).equals(oldBytes), `cut at ${at}`).toBe(true)
    }
    expect(proxy.struck).toBe(50 * ROUNDS)
    // Answered when all that was cut off before has been let go of: it is done by the same threads.
    for (const client of [other, await RawClient.login(daemon.place)])
      expect(await client.ask(1, 'pwd')).toMatchObject({ ok: true })
    proxy.fault = undefined
    using whole = await RawClient.connect(proxy.port)
    whole.send(flight)
    whole.half()
    expect((await whole.rest()).at(-1)?.json).toMatchObject({ status: 'stored' })
    expect(readFileSync(join(root, 'file')).equals(large)).toBe(true)
    expect(await daemon.stop()).toEqual({ code: 0, signal: null })
    expect(visible(root)).toEqual(['file'])
    expect(reserved(root)).toEqual(['digests'])
  })

  test('anywhere in an answer: an upload is there whole or not at all, and said to be stored only if it is', async () => {
    using folder = tempFolder('in memory')
    const root = folder.path
    await using daemon = await DaemonProcess.start(root, args)
    await using proxy = await FaultyProxy.start(daemon.place)
    for (let at = 0; at < 500; at += 7) {
      proxy.fault = { what: 'cut', towards: 'to the client', at }
      using client = await RawClient.connect(proxy.port)
      client.send(say.hello(), say.login(), say.eagerPut(1, `/${at}`, oldBytes))
      client.half()
      const said = await client.rest()
      const isStored = said.some(({ json }) => json['status'] === 'stored')
      if (isStored) expect(readFileSync(join(root, `${at}`)).equals(oldBytes)).toBe(true)
    }
    await daemon.stop()
    for (const name of readdirSync(root)) expect(readFileSync(join(root, name)).equals(oldBytes)).toBe(true)
  })

  test('anywhere in a download by the library leaves the old local file', async () => {
    using folder = tempFolder('in memory')
    const [root, local] = [join(folder.path, 'root'), join(folder.path, 'local')]
    mkdirSync(root)
    mkdirSync(local)
    writeFileSync(join(root, 'large'), large)
    writeFileSync(join(local, 'file'), oldBytes)
    await using daemon = await DaemonProcess.start(root, args)
    await using proxy = await FaultyProxy.start(daemon.place)
    const random = randomFrom(SEED)
    for (let n = 0; n < 20 * ROUNDS; n++) {
      proxy.fault = { what: 'cut', towards: 'to the client', at: 600 + Math.floor(random() * large.length) }
      await using client = await connect(`jftp://127.0.0.1:${proxy.port}/`)
      const error = await client.get('/large', join(local, 'file')).catch((failed: unknown) => failed)
      expect(error).toBeInstanceOf(FtpError)
      expect((error as FtpError).retryable).toBe(true)
      expect(readFileSync(join(local, 'file')).equals(oldBytes)).toBe(true)
      // What came may be kept to be continued, under a hidden name.
      expect(readdirSync(local).filter((name) => !name.startsWith('.jftp-kept-'))).toEqual(['file'])
    }
  })

  test('pieces of any size, one a turn, arrive as one whole', async () => {
    using folder = tempFolder('in memory')
    const root = folder.path
    await using daemon = await DaemonProcess.start(root, args)
    await using proxy = await FaultyProxy.start(daemon.place)
    const bytes = large.subarray(0, 20_000)
    for (const size of [1, 7, 8, 9, 1000]) {
      proxy.pieceSize = size
      using client = await RawClient.connect(proxy.port)
      client.send(
        say.hello(),
        say.login(),
        say.eagerPut(1, `/${size}`, bytes),
        say.request(2, 'get', { path: `/${size}` }),
      )
      client.half()
      const said = await client.rest()
      expect(said.at(-1)).toMatchObject({ type: 'END', json: { size: 20_000 } })
      expect(readFileSync(join(root, `${size}`)).equals(bytes)).toBe(true)
    }
  })

  test('who stalls in the middle of an upload holds up nobody else, and leaves nothing', async () => {
    using folder = tempFolder('in memory')
    const root = folder.path
    await using daemon = await DaemonProcess.start(root, [...args, '--grace', '0'])
    await using proxy = await FaultyProxy.start(daemon.place)
    proxy.fault = { what: 'stall', towards: 'to the server', at: 1000 }
    const stalled = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(proxy.port)))
    for (const client of stalled) client.send(say.hello(), say.login(), say.eagerPut(1, '/stalled', oldBytes))
    using other = await RawClient.login(daemon.place)
    for (let n = 0; n < 20; n++) {
      other.send(say.eagerPut(1, `/${n}`, oldBytes))
      expect(await other.ack(1)).toMatchObject({ status: 'stored' })
    }
    expect(await daemon.stop()).toEqual({ code: 0, signal: null })
    expect(readdirSync(root)).toHaveLength(20)
    expect(staged(root)).toEqual([])
    for (const client of stalled) client[Symbol.dispose]()
  })
})

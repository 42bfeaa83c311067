import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { ROUNDS } from './random.js'
import { errorCode, RawClient, say } from './raw-client.js'
import { reserved, tempFolder, visible } from './temp-folder.js'

const SIZE = 1024 * 1024
const PIECE = 64 * 1024
const contents = ['a', 'b', 'c', 'd'].map((letter) => Buffer.alloc(SIZE, letter))

describe.each(SERVERS)('uploads to one name at once (%s)', (_name, args) => {
  test('are all stored, and one wins whole', async () => {
    using folder = tempFolder('in memory')
    await using daemon = await DaemonProcess.start(folder.path, args)
    const clients = await Promise.all(contents.map(() => RawClient.login(daemon.place)))
    const winners = new Set<string>()
    for (let round = 0; round < 30 * ROUNDS; round++) {
      for (const client of clients) client.send(say.request(1, 'put', { path: '/file', eager: true }))
      // A piece of each in turn, another one first in each round.
      for (let at = 0; at < SIZE; at += PIECE) {
        for (let n = 0; n < clients.length; n++) {
          const index = (n + round) % clients.length
          clients[index]?.send(say.data(1, contents[index]?.subarray(at, at + PIECE) ?? ''))
        }
      }
      clients.forEach((client, index) => client.send(say.end(1, contents[index] ?? '')))
      const acks = await Promise.all(clients.map((client) => client.ack(1)))
      expect(acks.map((ack) => ack['status'])).toEqual(contents.map(() => 'stored'))
      const found = readFileSync(join(folder.path, 'file'))
      const winner = contents.find((content) => content.equals(found))
      expect(winner, 'one of them, whole').toBeDefined()
      winners.add(String.fromCharCode(winner?.[0] ?? 0))
    }
    for (const client of clients) client[Symbol.dispose]()
    expect(winners.size).toBeGreaterThan(0)
    await daemon.stop()
    expect(visible(folder.path)).toEqual(['file'])
    expect(reserved(folder.path)).toEqual(['digests'])
  })

  test('with onExists fail: exactly one is stored', async () => {
    using folder = tempFolder('in memory')
    await using daemon = await DaemonProcess.start(folder.path, args)
    const clients = await Promise.all(contents.map(() => RawClient.login(daemon.place)))
    for (let round = 0; round < 30 * ROUNDS; round++) {
      const path = `/file-${round}`
      clients.forEach((client, index) =>
        client.send(say.eagerPut(1, path, contents[index] ?? '', { onExists: 'fail' })),
      )
      const acks = await Promise.all(clients.map((client) => client.ack(1)))
      const stored = acks.flatMap((ack, index) => (ack['ok'] === true ? [index] : []))
      expect(stored).toHaveLength(1)
      const winner = contents[stored[0] ?? 0]
      expect(readFileSync(join(folder.path, path)).equals(winner ?? Buffer.alloc(0))).toBe(true)
    }
    for (const client of clients) client[Symbol.dispose]()
  })

  test('two folders moved to one name with onExists fail: exactly one gets it, the other stays', async () => {
    using folder = tempFolder('in memory')
    await using daemon = await DaemonProcess.start(folder.path, args)
    using one = await RawClient.login(daemon.place)
    using two = await RawClient.login(daemon.place)
    for (let round = 0; round < 100 * ROUNDS; round++) {
      for (const name of ['a', 'b']) mkdirSync(join(folder.path, name, `from-${name}`), { recursive: true })
      one.send(say.request(1, 'mv', { from: '/a', to: '/won', onExists: 'fail' }))
      two.send(say.request(1, 'mv', { from: '/b', to: '/won', onExists: 'fail' }))
      const codes = [errorCode(await one.ack(1)), errorCode(await two.ack(1))]
      expect([...codes].sort()).toEqual(['exists', 'none'])
      const winner = codes[0] === 'none' ? 'a' : 'b'
      expect(readdirSync(join(folder.path, 'won'))).toEqual([`from-${winner}`])
      expect(existsSync(join(folder.path, winner === 'a' ? 'b' : 'a'))).toBe(true)
      for (const name of ['won', 'a', 'b']) rmSync(join(folder.path, name), { recursive: true, force: true })
    }
  })
})

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Outbox } from './outbox.js'

let near: Socket
let far: Socket

beforeEach(async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  near = connect({ port: typeof address === 'object' ? (address?.port ?? 0) : 0, host: '127.0.0.1' })
  ;[far] = (await once(server, 'connection')) as [Socket]
  server.close()
})

afterEach(() => {
  near.destroy()
  far.destroy()
})

const frame = (byte: number, length: number) => new Uint8Array(length).fill(byte)

test('what is added, reserved, taken back and sent leaves in order', async () => {
  const outbox = new Outbox(near, 'open', () => {})
  const recycled: number[] = []
  const sizes = [1, 100, 70_000, 3, 20_000, 64 * 1024, 5]
  for (const [index, size] of sizes.entries()) {
    outbox.add(frame(index, size))
    outbox.reserve(500).fill(99)
    outbox.unreserve(500)
    outbox.reserve(7).fill(index)
    outbox.send(frame(index, size), () => recycled.push(index))
  }
  near.on('finish', () => outbox.close())
  outbox.flush()
  near.end()
  const expected = sizes.flatMap((size, index) => [frame(index, size), frame(index, 7), frame(index, size)])
  expect((await buffer(far)).equals(Buffer.concat(expected))).toBe(true)
  expect(recycled.toSorted()).toEqual(sizes.map((_, index) => index))
})

test('is full while its peer reads nothing, and tells when it no longer is', async () => {
  far.pause()
  const outbox = new Outbox(near, 'open', () => calls++)
  let calls = 0
  while (!outbox.full) {
    outbox.send(frame(0, 1_000_000), () => {})
    await new Promise(setImmediate)
  }
  calls = 0
  const room = outbox.room()
  far.resume()
  await room
  expect(outbox.full).toBe(false)
  expect(calls).toBeGreaterThan(0)
})

test('lets nobody wait once it is closed', async () => {
  const outbox = new Outbox(near, 'open', () => {})
  near.cork()
  while (!outbox.full) outbox.send(frame(0, 1_000_000), () => {})
  const room = outbox.room()
  outbox.close()
  await room
  await outbox.room()
})

import { RateLimit } from '@jftp/transfer'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ByteReader } from '../storage/storage.js'
import { Exchange } from './exchange.js'
import { Pace } from './pace.js'
import { ReceivedMemory } from './received-memory.js'

/** Gives zeros for ever. */
const endless: ByteReader = {
  left: undefined,
  read: (target) => target.length,
  finish: () => ({ size: 0 }),
  close() {},
}

const request = () =>
  new Exchange(1, 'x-1', new TextEncoder().encode('{"cmd":"get","path":"/a"}'), new ReceivedMemory(() => {}))

function session(limit: RateLimit, onLife = () => {}): ByteReader {
  return new Pace([limit], onLife).reader(endless, request())
}

describe('sessions under one rate', () => {
  test('get the same number of bytes, whether they move large pieces or small ones', async () => {
    // A clock of the test's own: how busy the machine is decides nothing.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'hrtime'] })
    onTestFinished(() => void vi.useRealTimers())
    const limit = new RateLimit(1_000_000)
    const moved = { large: 0, small: 0 }
    const goal = 60 * limit.portion
    let isOver = false
    const move = async (kind: keyof typeof moved, size: number) => {
      const reader = session(limit)
      while (!isOver && moved.large < goal && moved.small < goal * 2)
        moved[kind] += await reader.read(new Uint8Array(size))
      isOver = true
    }
    const moving = Promise.all([move('large', 512 * 1024), move('small', 100)])
    while (!isOver) await vi.advanceTimersByTimeAsync(1)
    await vi.advanceTimersByTimeAsync(1000)
    await moving
    // They take turns. What may pass at once, at the beginning, goes to whoever asks first.
    expect(moved.small).toBeGreaterThan(goal * 0.75)
    expect(moved.small).toBeLessThan(goal * 1.25)
  })

  test('have all of it for one of them while it is alone', async () => {
    const limit = new RateLimit(1_000_000)
    const reader = session(limit)
    const began = performance.now()
    for (let moved = 0; moved < 500_000; ) moved += await reader.read(new Uint8Array(4096))
    // The half second that this takes is accounted for, less what may pass at once, and nothing else is.
    const left = limit.reserve(1) + (performance.now() - began)
    expect(left).toBeGreaterThan(250)
    expect(limit.reserve(1)).toBeLessThan(100)
  })

  test('are woken by a cancel', async () => {
    const limit = new RateLimit(1000)
    limit.reserve(1_000_000)
    const exchange = request()
    const reading = new Pace([limit], () => {}).reader(endless, exchange).read(new Uint8Array(100))
    exchange.cancel()
    expect(await reading).toBe(100)
  })

  test('show that they live while they wait', async () => {
    const limit = new RateLimit(1000)
    limit.reserve(100_000)
    await new Promise<void>((resolve) => {
      const exchange = request()
      const reader = new Pace([limit], resolve).reader(endless, exchange)
      void reader.read(new Uint8Array(100))
    })
  })

  test('are held to the slower one of two rates', async () => {
    const [fast, slow] = [new RateLimit(1e9), new RateLimit(100_000)]
    slow.reserve(100_000)
    const began = performance.now()
    await new Pace([fast, slow], () => {}).reader(endless, request()).read(new Uint8Array(100))
    expect(performance.now() - began).toBeGreaterThan(700)
  })
})

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { MAX_RATE, parseRate, RateLimit } from './rate-limit.js'

describe('RateLimit', () => {
  it('lets a moment pass at once and makes the rest wait for its turn', () => {
    const limit = new RateLimit(1_000_000)
    const waits = Array.from({ length: 20 }, () => limit.reserve(100_000))
    expect(waits[0]).toBe(0)
    // 2 MB take 2 s; the last 100 KB of them begin after 1.9 s, less the moment that was free.
    expect(waits.at(-1)).toBeGreaterThan(1600)
    expect(waits.at(-1)).toBeLessThanOrEqual(1900)
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  })

  it('gives threads that share its memory one rate together', async () => {
    const limit = new RateLimit(1_000_000)
    const source = `
      const { workerData, parentPort } = require('node:worker_threads')
      import(workerData.module).then(({ RateLimit }) => {
        const limit = new RateLimit(workerData.bytesPerSecond, workerData.memory)
        for (let count = 0; count < 10000; count++) limit.reserve(1000)
        parentPort.postMessage('done')
      })`
    const { bytesPerSecond, memory } = limit
    const module = new URL('../dist/rate-limit.js', import.meta.url).href
    const workers = Array.from(
      { length: 2 },
      () => new Worker(source, { eval: true, workerData: { bytesPerSecond, memory, module } }),
    )
    const began = performance.now()
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    const passed = performance.now() - began
    // Two threads have reserved 10 MB each: that is 20 s, less the time that has passed.
    expect(limit.reserve(1)).toBeGreaterThan(20_000 - passed - 300)
    expect(limit.reserve(1)).toBeLessThan(20_001)
    await Promise.all(workers.map((worker) => worker.terminate()))
  })

  it('moves small portions if it is slow, and large ones if it is fast', () => {
    expect(new RateLimit(1000).portion).toBe(1024)
    expect(new RateLimit(1_000_000).portion).toBe(20_000)
    expect(new RateLimit(1e12).portion).toBe(512 * 1024)
  })

  it('has another rate at once for all who share it, and nobody waits for what was reserved before', () => {
    const limit = new RateLimit(1000)
    const shared = new RateLimit(1000, limit.memory)
    shared.reserve(1_000_000)
    limit.change(1_000_000)
    expect(shared.bytesPerSecond).toBe(1_000_000)
    expect(shared.portion).toBe(20_000)
    expect(shared.reserve(1_000_000)).toBe(0)
    expect(shared.reserve(1)).toBeGreaterThan(700)
    expect(shared.reserve(1)).toBeLessThan(1000)
  })

  it('is none at the fastest rate', () => {
    expect([new RateLimit(MAX_RATE).isLimited, new RateLimit(1e9).isLimited]).toEqual([false, true])
  })

  it.each([0, -1, 999, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s bytes per second', (rate) => {
    expect(() => new RateLimit(rate)).toThrow(RangeError)
  })
})

describe('parseRate', () => {
  it.each([
    ['1000', 1000],
    ['500k', 500_000],
    ['500K', 500_000],
    ['10M', 10_000_000],
    ['10MB/s', 10_000_000],
    ['1.5MiB/s', 1_572_864],
    ['64KiB', 65_536],
    ['2G', 2_000_000_000],
  ])('%s', (text, rate) => {
    expect(parseRate(text)).toBe(rate)
  })

  it.each(['', '0', '999', '-1', 'fast', '10 M', '1e6', '10Mbit', '10M/min', '5T', '.5M', '99999G'])(
    'refuses %j',
    (text) => {
      expect(parseRate(text)).toBeUndefined()
    },
  )
})

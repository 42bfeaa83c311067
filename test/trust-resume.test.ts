import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type FtpError, type TransferResult } from '@jftp/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DaemonProcess } from './daemon.js'
import { FaultyProxy } from './faulty-proxy.js'
import { ftp, startFtp } from './ftp-process.js'
import { bytesOf, randomFrom, SEED } from './random.js'
import { staged, tempFolder } from './temp-folder.js'

const MiB = 1024 * 1024

/** With JFTP_RESUME=full as many cuts of as large a file as docs/RELIABILITY.md speaks of. */
const FULL = process.env['JFTP_RESUME'] === 'full'
const SIZE = FULL ? 200 * MiB : 40 * MiB
const CUTS = FULL ? 100 : 8
const KILLS = FULL ? 30 : 3

/** The most that is not synced. After a cut or a kill no more than this, and what was on its way, is sent again. */
const UNSYNCED = 16 * MiB
/** What the buffers between the two programs hold: those of the sockets, the proxy and the threads. */
const ON_ITS_WAY = 12 * MiB

const content = bytesOf(SIZE, 9)

let folder: ReturnType<typeof tempFolder>
let daemon: DaemonProcess
let proxy: FaultyProxy
let root: string
let local: string

beforeEach(async () => {
  folder = tempFolder('in memory')
  root = join(folder.path, 'root')
  local = join(folder.path, 'local')
  mkdirSync(root)
  mkdirSync(local)
  daemon = await DaemonProcess.start(root)
  proxy = await FaultyProxy.start(daemon.place)
})
afterEach(async () => {
  await proxy[Symbol.asyncDispose]()
  await daemon[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const url = () => `jftp://127.0.0.1:${proxy.port}/`
const here = () => join(local, 'file')
const there = () => join(root, 'file')

/** Random offsets of the file, in order. */
function offsets(count: number): number[] {
  const random = randomFrom(SEED)
  return Array.from({ length: count }, () => Math.floor(random() * SIZE)).sort((a, b) => a - b)
}

/** Bytes that are there of an upload or a download before it goes on. */
function kept(way: 'put' | 'get'): number {
  const path = way === 'put' ? join(root, '.jftp', 'partials') : local
  const names = existsSync(path) ? readdirSync(path) : []
  const parts = names.filter((name) => way === 'put' || name.endsWith('.part'))
  return Math.max(0, ...parts.map((name) => statSync(join(path, name)).size))
}

/** Resolves when the server has noticed the cut: it keeps what came, or has dropped it. */
async function settled(): Promise<void> {
  await expect.poll(() => staged(root), { timeout: 10_000 }).toEqual([])
}

async function once(way: 'put' | 'get'): Promise<TransferResult | FtpError> {
  await using client = await connect(url())
  const options = { onExists: 'resume' } as const
  const transfer = way === 'put' ? client.put(here(), '/file', options) : client.get('/file', here(), options)
  return await transfer.catch((error: unknown) => error as FtpError)
}

/** Bytes that the largest and the average setback came to, for docs/RELIABILITY.md. */
function report(what: string, lost: readonly number[]): void {
  const sum = lost.reduce((total, each) => total + each, 0)
  const shown = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`
  if (FULL)
    console.log(
      `${what}: ${lost.length} times, ${shown(sum / lost.length)} each, ${shown(Math.max(...lost))} at most`,
    )
}

describe(`a transfer that is cut at random bytes and goes on each time (seed ${SEED})`, () => {
  test.each(['put', 'get'] as const)('%s', async (way) => {
    writeFileSync(way === 'put' ? here() : there(), content)
    const towards = way === 'put' ? 'to the server' : 'to the client'
    const lost: number[] = []
    for (const offset of offsets(CUTS)) {
      const start = kept(way)
      const at = Math.max(1000, offset - start)
      proxy.fault = { what: 'cut', towards, at }
      const outcome = await once(way)
      expect(outcome).toMatchObject({ code: 'connection-lost' })
      await settled()
      lost.push(Math.max(0, start + at - kept(way)))
    }
    proxy.fault = undefined
    const last = kept(way)
    const result = (await once(way)) as TransferResult
    expect(result.bytes).toBe(SIZE)
    expect(result.resumedFrom).toBeGreaterThanOrEqual(last)
    expect(proxy.passed[towards]).toBeLessThan(SIZE - last + 64 * 1024)
    expect(readFileSync(here()).equals(readFileSync(there()))).toBe(true)
    expect(readFileSync(there()).equals(content)).toBe(true)
    expect(proxy.struck).toBe(CUTS)
    report(`${way}, cut`, lost)
    for (const bytes of lost) expect(bytes).toBeLessThanOrEqual(UNSYNCED + ON_ITS_WAY)
  })
})

describe(`one transfer that is cut at random bytes and goes on by itself (seed ${SEED})`, () => {
  test.each(['put', 'get'] as const)('%s', { timeout: FULL ? 900_000 : 180_000 }, async (way) => {
    writeFileSync(way === 'put' ? here() : there(), content)
    const towards = way === 'put' ? 'to the server' : 'to the client'
    const random = randomFrom(SEED)
    const cutNext = () => {
      proxy.fault = { what: 'cut', towards, at: MiB + Math.floor((random() * 2 * SIZE) / CUTS) }
    }
    cutNext()
    let passed = 0
    const onRetry = () => {
      passed += proxy.passed[towards]
      cutNext()
    }
    await using client = await connect(url(), { retry: { retries: 10 * CUTS, delay: 0, onRetry } })
    const transfer = way === 'put' ? client.put(here(), '/file') : client.get('/file', here())
    expect((await transfer).bytes).toBe(SIZE)
    passed += proxy.passed[towards]
    const cuts = proxy.struck
    expect(cuts).toBeGreaterThan(CUTS / 4)
    expect(readFileSync(here()).equals(content)).toBe(true)
    expect(readFileSync(there()).equals(content)).toBe(true)
    report(`${way}, cut and retried`, Array<number>(cuts).fill((passed - SIZE) / cuts))
    expect(passed - SIZE).toBeLessThanOrEqual(cuts * (UNSYNCED + ON_ITS_WAY))
  })
})

describe(`kill -9 in the middle of a transfer that then goes on (seed ${SEED})`, () => {
  test('of ftpd, of a put', async () => {
    writeFileSync(here(), content)
    const lost: number[] = []
    let resumedFrom = 0
    for (const offset of offsets(KILLS)) {
      await using client = await connect(daemon.url)
      let sent = 0
      const put = client.put(here(), '/file', {
        onExists: 'resume',
        onProgress: ({ bytes }) => {
          sent = bytes
          if (bytes >= offset) daemon.process.kill('SIGKILL')
        },
      })
      await expect(put).rejects.toThrow()
      await daemon.exited
      daemon = await DaemonProcess.start(root, daemon.again)
      resumedFrom = kept('put')
      lost.push(Math.max(0, sent - resumedFrom))
    }
    await using client = await connect(daemon.url)
    const result = await client.put(here(), '/file', { onExists: 'resume' })
    expect(result.resumedFrom).toBe(resumedFrom)
    expect(readFileSync(there()).equals(content)).toBe(true)
    report('put, ftpd killed', lost)
    for (const bytes of lost) expect(bytes).toBeLessThanOrEqual(UNSYNCED + ON_ITS_WAY)
  })

  test.each(['put', 'get'] as const)('of ftp, of a %s', async (way) => {
    writeFileSync(way === 'put' ? here() : there(), content)
    const towards = way === 'put' ? 'to the server' : 'to the client'
    const args = way === 'put' ? [here(), `${url()}file`] : [`${url()}file`, '-o', here()]
    const lost: number[] = []
    for (const offset of offsets(KILLS)) {
      const start = kept(way)
      proxy.passed[towards] = 0
      // Slowly enough that it is killed before it is done, also on a busy machine.
      const { child, end } = startFtp([way, '-c', '--limit-rate', '30M', ...args])
      const hasEnded = () => child.exitCode !== null
      while (start + proxy.passed[towards] < offset && !hasEnded()) await new Promise(setImmediate)
      child.kill('SIGKILL')
      await end
      const passed = start + proxy.passed[towards]
      await settled()
      const isDone = existsSync(way === 'put' ? there() : here())
      lost.push(isDone ? 0 : Math.max(0, passed - kept(way)))
    }
    const last = kept(way)
    const done = await ftp([way, '-c', ...args, '--json'])
    expect(done.exitCode).toBe(0)
    expect(proxy.passed[towards]).toBeLessThan(SIZE - last + 64 * 1024)
    expect(readFileSync(here()).equals(content)).toBe(true)
    expect(readFileSync(there()).equals(content)).toBe(true)
    expect(readdirSync(local)).toEqual(['file'])
    report(`${way}, ftp killed`, lost)
    for (const bytes of lost) expect(bytes).toBeLessThanOrEqual(UNSYNCED + ON_ITS_WAY)
  })
})

/**
 * `pnpm --filter @jftp/bench latency [DIR]`: how long small gets of one session take alone, and while other sessions
 * of the same thread of ftpd let it digest 5 GiB, copy 2 GiB and count or list 1,000,000 names. DIR is where the
 * files are made; they need 4.5 GiB and 1,000,000 inodes there.
 */
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { connect, type FtpClient } from '@jftp/client'
import { programOf, startFtpd } from './peers/ftpd.js'
import { table } from './table.js'
import { Workbench } from './workbench.js'

const GiB = 2 ** 30
const SMALL_FILE = 1024
const ALONE_MS = 5000
const FOLDERS = 1000
const NAMES_EACH = 1000
/** Sessions that let the server digest at the same time. */
const MANY = 10

const workbench = new Workbench(process.argv[2] ?? tmpdir())
try {
  console.log(
    table({ head: ['beside the gets', 'gets', 'p50', 'p99', 'max', 'work took'], rows: await measure() }),
  )
} finally {
  await workbench.close()
}

async function measure(): Promise<string[][]> {
  layOut()
  // With one thread nothing can be out of the way of the gets.
  const ftpd = await startFtpd(workbench, { options: ['--workers', '1'] })
  await using client = await connect(ftpd.url)
  // The others are programs of their own, so that reading what they are answered delays no get.
  const ftp = (...args: string[]) =>
    workbench.time({ program: process.execPath, args: [programOf('ftp'), '--url', ftpd.url, ...args] })
  const parts = Array.from({ length: MANY }, (_, index) => `part-${index}`)
  const beside = async (name: string, ...works: string[][]) => {
    const began = performance.now()
    const times = await timeGets(client, Promise.all(works.map((args) => ftp(...args))))
    return describe(name, times, performance.now() - began)
  }
  await timeGets(client, wait(ALONE_MS / 5))
  return [
    describe('nothing', await timeGets(client, wait(ALONE_MS)), ALONE_MS),
    await beside('md5 of 5 GiB', ['md5', 'large']),
    await beside(`md5 of ${MANY} × 0.5 GiB`, ...parts.map((part) => ['md5', part])),
    await beside('cp of 2 GiB', ['cp', 'copied', 'copy']),
    await beside(`du of ${FOLDERS * NAMES_EACH} names`, ['du', '-s', 'tree']),
    await beside(`find of ${FOLDERS * NAMES_EACH} names`, ['find', 'tree']),
    await beside(`ls of ${NAMES_EACH * 100} names`, ['ls', 'wide']),
  ]
}

/** The large files are holes: read like others, and made at once. */
function layOut(): void {
  const path = (name: string) => join(workbench.served, name)
  const sparse = (name: string, size: number) => {
    writeFileSync(path(name), '')
    truncateSync(path(name), size)
  }
  writeFileSync(path('small'), 'x'.repeat(SMALL_FILE))
  sparse('large', 5 * GiB)
  sparse('copied', 2 * GiB)
  for (let index = 0; index < MANY; index++) sparse(`part-${index}`, GiB / 2)
  mkdirSync(path('tree'))
  for (let index = 0; index < FOLDERS; index++) fill(path(`tree/${index}`), NAMES_EACH)
  fill(path('wide'), NAMES_EACH * 100)
}

function fill(folder: string, names: number): void {
  mkdirSync(folder)
  for (let index = 0; index < names; index++) closeSync(openSync(join(folder, `name-${index}`), 'w'))
}

/** Gets the small file again and again until `work` is done. Resolves to the milliseconds of each. */
async function timeGets(client: FtpClient, work: Promise<unknown>): Promise<number[]> {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  const times: number[] = []
  while (!isDone) {
    const began = performance.now()
    await client.get('/small', nowhere())
    times.push(performance.now() - began)
  }
  await done
  return times
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function describe(name: string, times: readonly number[], tookMs: number): string[] {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  const show = (ms: number) => `${ms.toFixed(2)} ms`
  return [
    name,
    String(times.length),
    show(at(0.5)),
    show(at(0.99)),
    show(at(1)),
    `${(tookMs / 1000).toFixed(1)} s`,
  ]
}

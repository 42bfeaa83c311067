import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import type { Place } from './place.js'
import { bytesOf, ROUNDS, randomFrom, SEED } from './random.js'
import { RawClient, say } from './raw-client.js'
import { reserved, staged, tempFolder, visible } from './temp-folder.js'

const KiB = 1024
const MiB = 1024 * KiB

/** Uploads at once: small files, each replaced over and over, and large new ones, which leave partials. */
const SMALL = Array.from({ length: 40 }, (_, index) => `small-${index}`)
const LARGE = Array.from({ length: 10 }, (_, index) => `large-${index}`)
const LARGE_SIZE = 24 * MiB

const filling = bytesOf(LARGE_SIZE + LARGE.length, 7)

/** A version of a small file says in its first line what the file must be, to the last byte. */
function smallContent(name: string, version: number): Buffer {
  const size = (SMALL.indexOf(name) * 9 * KiB) % (300 * KiB)
  return Buffer.concat([Buffer.from(`${name} ${version}\n`), filling.subarray(version, version + size)])
}

const largeContents = new Map(
  // Each has a size of its own, by which its partial is known.
  LARGE.map((name, index) => [name, filling.subarray(index)]),
)

/** Throws if the small file is not whole. */
function versionOf(root: string, name: string): number {
  const content = readFileSync(join(root, name))
  const version = Number(/^\S+ (\d+)\n/.exec(content.subarray(0, 40).toString('latin1'))?.[1])
  expect(content.equals(smallContent(name, version)), `${name} is whole`).toBe(true)
  return version
}

/** Puts one version after another until the server is gone, and notes which were stored. */
async function replace(place: Place, name: string, first: number, stored: Map<string, number>) {
  try {
    using client = await RawClient.login(place)
    for (let version = first; ; version++) {
      client.send(say.eagerPut(1, `/${name}`, smallContent(name, version)))
      expect(await client.ack(1)).toMatchObject({ status: 'stored' })
      stored.set(name, version)
      seen.stored++
    }
  } catch (error) {
    if (!/no ACK for 1: the connection has ended|could not log in|ECONN|ENOENT/.test(String(error)))
      throw error
  }
}

/** The end of the name of a staged file and of a partial: the size of the source, its mtime, and how much is synced. */
const STAGED = /\.[0-9a-f]{64}\.(\d+)\.-?\d+\.(\d+)$/
const PARTIAL = /^[0-9a-f]{64}\.(\d+)\./

/** The large files of which a part is synced, and how many bytes, while their uploads run. */
function syncedSoFar(root: string): Map<string, number> {
  const found = staged(root).flatMap((name) => {
    const [, size, synced] = STAGED.exec(name) ?? []
    return Number(synced) > 0 ? [[nameBySize(Number(size)), Number(synced)] as const] : []
  })
  return new Map(found)
}

/** The large files of which a partial is kept, and its size in bytes. */
function partials(root: string): Map<string, number> {
  const folder = join(root, '.jftp', 'partials')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return new Map(
    names.map((name) => [nameBySize(Number(PARTIAL.exec(name)?.[1])), statSync(join(folder, name)).size]),
  )
}

function nameBySize(size: number): string {
  return LARGE.find((name) => largeContents.get(name)?.length === size) ?? `a file of ${size} bytes`
}

/** What all rounds came to, for docs/RELIABILITY.md. */
const seen = { kills: 0, stored: 0, continued: 0 }

describe.each(SERVERS.slice(0, 2))(`kill -9 of ftpd during 50 uploads (%s, seed ${SEED})`, (_name, args) => {
  test(
    'loses none that was said to be stored, leaves whole files, and every partial is continued',
    async () => {
      using folder = tempFolder('in memory')
      const [root, local] = [join(folder.path, 'root'), join(folder.path, 'local')]
      mkdirSync(root)
      mkdirSync(local)
      for (const name of LARGE) writeFileSync(join(local, name), largeContents.get(name) ?? '')
      const random = randomFrom(SEED)
      const stored = new Map<string, number>()
      let version = 1
      const put = async (daemon: DaemonProcess, name: string) => {
        await using client = await connect(daemon.url, { retry: { retries: 0 } })
        return await client.put(join(local, name), `/${name}`, { onExists: 'resume' })
      }
      /** Resolves to the large files that were said to be stored, and to what was synced of the others before the kill. */
      const killInTheMiddle = async (daemon: DaemonProcess) => {
        const replaced = SMALL.map((name) => replace(daemon.place, name, version, stored))
        const large = Promise.allSettled(LARGE.map((name) => put(daemon, name)))
        const begun = 1 + Math.floor(random() * (LARGE.length - 3))
        let synced = syncedSoFar(root)
        const arePut = large.then(() => true)
        while (synced.size < begun && !(await Promise.race([arePut, sleep(5)]))) synced = syncedSoFar(root)
        await daemon.stop('SIGKILL')
        await Promise.all(replaced)
        const results = await large
        return { done: LARGE.filter((_each, index) => results[index]?.status === 'fulfilled'), synced }
      }

      for (let round = 0; round < ROUNDS; round++) {
        const { done, synced } = await killInTheMiddle(await DaemonProcess.start(root, args))
        for (const name of SMALL.filter((each) => existsSync(join(root, each)) || stored.has(each))) {
          const found = versionOf(root, name)
          expect(found, `${name}: at least what was stored`).toBeGreaterThanOrEqual(stored.get(name) ?? 0)
          version = Math.max(version, found + 1)
        }
        const there = LARGE.filter((name) => existsSync(join(root, name)))
        expect(there).toEqual(expect.arrayContaining(done))
        const isWhole = (name: string) => largeContents.get(name)?.equals(readFileSync(join(root, name)))
        expect(there.filter((name) => !isWhole(name))).toEqual([])
        expect(visible(root).filter((name) => !SMALL.includes(name) && !LARGE.includes(name))).toEqual([])

        await using daemon = await DaemonProcess.start(root, args)
        expect(staged(root), 'what the killed one has left is swept').toEqual([])
        const kept = partials(root)
        for (const [name, bytes] of synced) {
          if (!there.includes(name)) expect(kept.get(name) ?? 0, name).toBeGreaterThanOrEqual(bytes)
        }
        const cut = LARGE.filter((name) => !there.includes(name))
        const results = await Promise.all(cut.map((name) => put(daemon, name)))
        expect(new Map(results.map(({ resumedFrom }, index) => [cut[index], resumedFrom]))).toEqual(
          new Map(cut.map((name) => [name, kept.get(name) ?? 0])),
        )
        expect(LARGE.filter((name) => !isWhole(name))).toEqual([])
        expect(await daemon.stop()).toEqual({ code: 0, signal: null })
        expect(reserved(root).filter((name) => name !== 'digests')).toEqual([])
        seen.kills++
        seen.stored += done.length
        seen.continued += kept.size
        for (const name of LARGE) rmSync(join(root, name))
      }
      expect(stored.size).toBeGreaterThan(0)
      if (ROUNDS > 1) console.log(JSON.stringify(seen))
    },
    ROUNDS * 180_000,
  )
})

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { startFtp } from './ftp-process.js'
import type { Place } from './place.js'
import { bytesOf, ROUNDS, randomFrom, SEED } from './random.js'
import { RawClient, say } from './raw-client.js'
import { reserved, staged, tempFolder, visible } from './temp-folder.js'

const KiB = 1024
const NAMES = ['small-0', 'small-1', 'small-2', 'medium', 'large']
const SIZES = [200, 3 * KiB, 16 * KiB, 300 * KiB, 3 * KiB * KiB]

/** Version `version` of a file: it says in its first line what it must be, to the last byte. */
function contentOf(name: string, version: number): Buffer {
  const size = SIZES[NAMES.indexOf(name)] ?? 0
  return Buffer.concat([
    Buffer.from(`${name} ${version}\n`),
    bytesOf(size, version * 10 + NAMES.indexOf(name)),
  ])
}

/** The version a file holds; throws where it is not whole. */
function versionIn(root: string, name: string): number {
  const content = readFileSync(join(root, name))
  const version = Number(content.subarray(0, content.indexOf('\n')).toString().split(' ')[1])
  expect(content.equals(contentOf(name, version)), `${name} holds a whole version`).toBe(true)
  return version
}

/** Puts one version after the other until the server is gone; says which were stored. */
async function putVersions(
  place: Place,
  name: string,
  first: number,
  stored: Map<string, number>,
): Promise<void> {
  try {
    using client = await RawClient.login(place)
    for (let version = first; ; version++) {
      const content = contentOf(name, version)
      client.send(say.request(1, 'put', { path: `/${name}`, eager: true }))
      for (let at = 0; at < content.length; at += 100 * KiB)
        client.send(say.data(1, content.subarray(at, at + 100 * KiB)))
      client.send(say.end(1, content))
      const ack = await client.ack(1)
      expect(ack).toMatchObject({ status: 'stored' })
      stored.set(name, version)
    }
  } catch (error) {
    // The server was killed: that is how this ends.
    if (!/no ACK for 1: the connection has ended|could not log in|ECONN/.test(String(error))) throw error
  }
}

describe.each(SERVERS)(`kill -9 of ftpd (%s, seed ${SEED})`, (_name, args) => {
  test('at random moments of uploads leaves whole files, and loses none that was said to be stored', async () => {
    using folder = tempFolder('in memory')
    const root = folder.path
    const random = randomFrom(SEED)
    const stored = new Map<string, number>()
    let version = 1
    for (let round = 0; round < 8 * ROUNDS; round++) {
      await using daemon = await DaemonProcess.start(root, args)
      expect(staged(root), 'what the last one left is swept').toEqual([])
      const uploads = NAMES.map((name) => putVersions(daemon.place, name, version, stored))
      // Every other time something has been stored before, however busy this machine is.
      const before = stored.size
      while (round % 2 === 0 && stored.size === before && before < NAMES.length) await sleep(5)
      await sleep(random() * 250)
      await daemon.stop('SIGKILL')
      await Promise.all(uploads)
      for (const name of visible(root)) {
        expect(NAMES).toContain(name)
        const found = versionIn(root, name)
        expect(found, `${name}: at least what was stored`).toBeGreaterThanOrEqual(stored.get(name) ?? 0)
        version = Math.max(version, found + 1)
      }
    }
    expect(stored.size).toBeGreaterThan(0)
    await using last = await DaemonProcess.start(root, args)
    await last.stop()
    expect(visible(root).filter((name) => !NAMES.includes(name))).toEqual([])
    expect(reserved(root).filter((name) => name !== 'digests')).toEqual([])
  })
})

describe.each(SERVERS)(`kill -9 of ftp (%s, seed ${SEED})`, (_name, args) => {
  test('at random moments of an upload leaves the old file or the new one, and nothing staged', async () => {
    using folder = tempFolder('in memory')
    const [root, file] = [join(folder.path, 'root'), join(folder.path, 'file')]
    mkdirSync(root)
    const [oldBytes, newBytes] = [bytesOf(1000, 1), bytesOf(64 * KiB * KiB, 2)]
    writeFileSync(file, newBytes)
    const random = randomFrom(SEED)
    await using daemon = await DaemonProcess.start(root, args)
    for (let round = 0; round < 4 * ROUNDS; round++) {
      writeFileSync(join(root, 'file'), oldBytes)
      const { child, end } = startFtp(['put', file, `${daemon.url}/file`])
      await sleep(100 + random() * 300)
      child.kill('SIGKILL')
      await end
      const content = readFileSync(join(root, 'file'))
      expect(content.equals(oldBytes) || content.equals(newBytes)).toBe(true)
    }
    using client = await RawClient.login(daemon.place)
    client.send(say.eagerPut(1, '/file', 'after'))
    expect(await client.ack(1)).toMatchObject({ status: 'stored' })
    expect(await daemon.stop()).toEqual({ code: 0, signal: null })
    // What came last is kept to be continued, where nobody sees it.
    expect(visible(root)).toEqual(['file'])
    expect(staged(root)).toEqual([])
  })
})

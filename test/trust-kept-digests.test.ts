import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { connect, type FtpClient } from '@jftp/client'
import { describe, expect, test } from 'vitest'
import { DaemonProcess, SERVERS } from './daemon.js'
import { bytesOf, ROUNDS, randomFrom, SEED } from './random.js'
import { tempFolder } from './temp-folder.js'

const USERS = [0, 1, 2, 3]
const NAMES_EACH = 6
const STEPS = 120 * ROUNDS
const DIGESTS = ['md5', 'sha256', 'blake3', 'xxh128', 'none'] as const

describe.each(SERVERS)(`kept digests (%s, seed ${SEED})`, (_, args) => {
  test('are right, however files change and whatever becomes of the table', async () => {
    using served = tempFolder('in memory')
    using local = tempFolder('in memory')
    await using one = await DaemonProcess.start(served.path, args)
    await using two = await DaemonProcess.start(served.path, args)
    const work = USERS.map(async (user) => {
      await using client = await connect((user % 2 === 0 ? one : two).url)
      for (let step = 0; step < STEPS; step++) {
        await takeStep(client, user, step, { served: served.path, local: local.path })
      }
    })
    await Promise.all(work)
  })
})

/** Each user has files of their own, so nobody else changes a file while it is looked at. */
async function takeStep(
  client: FtpClient,
  user: number,
  step: number,
  folders: { served: string; local: string },
): Promise<void> {
  const seed = SEED + user * 1_000_000 + step
  const random = randomFrom(seed)
  const name = `${user}-${Math.floor(random() * NAMES_EACH)}`
  const path = join(folders.served, name)
  const digest = DIGESTS[Math.floor(random() * DIGESTS.length)] ?? 'md5'
  const what = random()
  if (what < 0.3 || !existsSync(path)) {
    await client.put(bytesOf(60_000 + Math.floor(random() * 100_000), seed), `/${name}`, { digest })
    if (random() < 0.3) writeFileSync(path, String(seed), { flag: 'r+' })
  } else if (what < 0.5) {
    const { atime, mtime } = statSync(path)
    writeFileSync(path, String(seed), { flag: 'r+' })
    if (random() < 0.7) utimesSync(path, atime, mtime)
  } else if (what < 0.55) {
    writeFileSync(`${path}.new`, bytesOf(statSync(path).size, seed))
    renameSync(`${path}.new`, path)
  } else if (what < 0.6) {
    harm(join(folders.served, '.jftp/digests'), random)
  } else if (what < 0.85) {
    const copy = join(folders.local, name)
    await client.get(`/${name}`, copy, { digest })
    expect(readFileSync(copy).equals(readFileSync(path)), name).toBe(true)
  } else {
    for await (const told of client.hash([`/${name}`], { digest: 'sha256' })) {
      const hex = createHash('sha256').update(readFileSync(path)).digest('hex')
      expect(told).toEqual({ type: 'digest', path: `/${name}`, digest: { alg: 'sha256', hex } })
    }
  }
}

/** Removes the table, cuts it, or writes nonsense into it. */
function harm(folder: string, random: () => number): void {
  const table = join(folder, 'table-1')
  const size = statSync(table, { throwIfNoEntry: false })?.size
  if (size === undefined) return
  const how = random()
  if (how < 0.3) rmSync(folder, { recursive: true })
  else if (how < 0.6) truncateSync(table, Math.floor(random() * size))
  else {
    const fd = openSync(table, 'r+')
    for (let count = 0; count < 1000; count++) {
      const at = Math.floor(random() * size)
      writeSync(fd, bytesOf(64, at), 0, 64, at)
    }
    closeSync(fd)
  }
}

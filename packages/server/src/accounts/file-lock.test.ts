import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownName } from '@jftp/transfer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './file-lock.js'

/** What a lock holds: the machine, the process and when that was started, and what tells its names apart. */
const [machine] = ownName().split('-')
const UNIQUE = '0123abcd-0'

/** No process has this id: it is above the highest that Linux gives. */
const DEAD = `${machine}-4194305-1-${UNIQUE}`

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-lock-'))
  path = join(folder, 'users.json.lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a lock that a killed process has left is taken by one at a time', async () => {
  for (let round = 0; round < 20; round++) {
    writeFileSync(path, DEAD)
    let holders = 0
    const seen: number[] = []
    const work = async () => {
      seen.push(++holders)
      await new Promise((resolve) => setTimeout(resolve, 1))
      holders--
    }
    await Promise.all(Array.from({ length: 6 }, () => withLock(path, work)))
    expect(seen).toEqual([1, 1, 1, 1, 1, 1])
    expect(existsSync(path)).toBe(false)
  }
}, 60_000)

test('work that fails gives the lock back', async () => {
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done')
})

test('a lock of a process whose id another one has now is taken', async () => {
  // The first process of the machine runs, but it was not started at that time.
  writeFileSync(path, `${machine}-1-987654321-${UNIQUE}`)
  expect(await withLock(path, () => Promise.resolve('done'))).toBe('done')
})

test.each([
  ['of a process in another container', `ffffffffffff-1-1-${UNIQUE}`],
  ['that names nobody', ''],
])('a lock %s is waited for, and taken when nobody can hold it any more', async (_whose, content) => {
  writeFileSync(path, content)
  let isDone = false
  const work = withLock(path, async () => {
    isDone = true
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(isDone).toBe(false)
  const old = Date.now() / 1000 - 120
  utimesSync(path, old, old)
  await work
  expect(existsSync(path)).toBe(false)
})

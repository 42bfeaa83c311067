import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './file-lock.js'

/** No process has this id: it is above the highest that Linux gives. */
const DEAD = '4194305'

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

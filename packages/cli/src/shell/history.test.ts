import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { History, isWorthKeeping } from './history.js'

let state: string
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'jftp-history-'))
})
afterEach(async () => {
  await rm(state, { recursive: true })
})

test('lines come back newest first, from a file for the owner only', async () => {
  const history = new History({ XDG_STATE_HOME: state })
  await history.add('ls')
  await history.add('put a')
  expect(await new History({ XDG_STATE_HOME: state }).load()).toEqual(['put a', 'ls'])
  expect((await stat(join(state, 'jftp/history'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(state, 'jftp'))).mode & 0o777).toBe(0o700)
})

test('an endless history is cut to its newest thousand', async () => {
  const history = new History({ XDG_STATE_HOME: state })
  await history.add('first')
  const path = join(state, 'jftp/history')
  await writeFile(path, Array.from({ length: 2500 }, (_, index) => `line ${index}\n`).join(''))
  expect((await history.load()).slice(0, 2)).toEqual(['line 2499', 'line 2498'])
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(1001)
})

test('a state folder that cannot be written costs nothing but the history', async () => {
  await writeFile(join(state, 'file'), '')
  const history = new History({ XDG_STATE_HOME: join(state, 'file') })
  await history.add('ls')
  expect(await history.load()).toEqual([])
})

test('passwords and lines hidden by a space are not kept', () => {
  expect(isWorthKeeping('open jftp://me@host/')).toBe(true)
  expect(isWorthKeeping('open jftp://me:secret@host/')).toBe(false)
  expect(isWorthKeeping(' put private')).toBe(false)
  expect(isWorthKeeping('')).toBe(false)
})

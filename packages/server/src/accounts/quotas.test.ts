import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Quotas } from './quotas.js'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'jftp-quota-'))
  writeFileSync(join(home, 'file'), Buffer.alloc(90))
})
afterEach(() => rmSync(home, { recursive: true }))

test('whoever waits for a count is not let in because a session has died meanwhile', async () => {
  const quotas = new Quotas()
  const reserve = (session: number, bytes: number) => quotas.reserve(session, home, 100, bytes)
  await reserve(1, 5)
  const waiting = reserve(2, 50)
  const outcome = expect(waiting).rejects.toMatchObject({ code: 'over-quota' })
  quotas.end(1)
  await sleep(50)
  // This counts, so the one who waits need not; then what is used is unknown again.
  await reserve(3, 5)
  quotas.end(3)
  await outcome
})

test('what is reserved, stored and removed leaves the rest for others', async () => {
  const quotas = new Quotas()
  const reserve = (bytes: number) => quotas.reserve(1, home, 100, bytes)
  const first = await reserve(6)
  await expect(reserve(5)).rejects.toMatchObject({ code: 'over-quota' })
  quotas.settle(first, 0)
  const second = await reserve(10)
  rmSync(join(home, 'file'))
  quotas.settle(second, 10)
  // It is not on the disk in this test, so a new count finds nothing.
  expect(await reserve(100)).toBeGreaterThan(second)
})

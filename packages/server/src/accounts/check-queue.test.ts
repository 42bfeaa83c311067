import { expect, test } from 'vitest'
import { CheckQueue } from './check-queue.js'

/** Checks that end when they are told to, in the order in which they began. */
class Checks {
  readonly begun: string[] = []
  readonly #ends: (() => void)[] = []

  check(name: string): () => Promise<string> {
    return () => {
      this.begun.push(name)
      return new Promise((resolve) => this.#ends.push(() => resolve(name)))
    }
  }

  async endOne(): Promise<void> {
    this.#ends.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('two checks run at a time, and clients take turns', async () => {
  const queue = new CheckQueue()
  const checks = new Checks()
  const names = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']
  const results = names.map((name) => queue.run(name.slice(0, 1), checks.check(name)))
  expect(checks.begun).toEqual(['a1', 'a2'])
  for (const _name of names) await checks.endOne()
  expect(checks.begun).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2'])
  expect(await Promise.all(results)).toEqual(names)
})

test('a client that waits with too many checks is refused, and another one is not', async () => {
  const queue = new CheckQueue()
  const checks = new Checks()
  for (let count = 0; count < 10; count++) void queue.run('a', checks.check('a'))
  expect(() => queue.run('a', checks.check('a'))).toThrow(expect.objectContaining({ code: 'rate-limited' }))
  void queue.run('b', checks.check('b'))
  await checks.endOne()
  await checks.endOne()
  expect(checks.begun).toContain('b')
})

test('from very many clients, only so many checks wait', () => {
  const queue = new CheckQueue()
  const checks = new Checks()
  for (let count = 0; count < 66; count++) void queue.run(`client ${count}`, checks.check('x'))
  expect(() => queue.run('one more', checks.check('x'))).toThrow(
    expect.objectContaining({ code: 'rate-limited' }),
  )
})

test('a client that has logged in before has every other turn, however many others wait', async () => {
  const queue = new CheckQueue()
  const checks = new Checks()
  queue.know('ann')
  for (let count = 0; count < 66; count++) void queue.run(`client ${count}`, checks.check(`guess ${count}`))
  expect(() => queue.run('one more', checks.check('x'))).toThrow()
  void queue.run('ann', checks.check('ann 1'))
  void queue.run('ann', checks.check('ann 2'))
  for (let count = 0; count < 4; count++) await checks.endOne()
  const since = checks.begun.slice(2, 6)
  expect(since.filter((name) => name.startsWith('ann'))).toEqual(['ann 1', 'ann 2'])
  expect(since.filter((name) => name.startsWith('guess'))).toHaveLength(2)
})

test('a check that fails makes room for the next one', async () => {
  const queue = new CheckQueue()
  const failed = Array.from({ length: 4 }, () => queue.run('a', () => Promise.reject(new Error('no'))))
  await Promise.allSettled(failed)
  expect(await queue.run('a', () => Promise.resolve('done'))).toBe('done')
})

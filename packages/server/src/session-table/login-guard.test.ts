import { ProtocolError } from '@jftp/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Ban, LoginGuard } from './login-guard.js'

/** 15 minutes, in ms. */
const BAN = 900_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const guardWith = (maxFailures: number) => new LoginGuard({ maxFailures, banMs: BAN })

/** A login that fails with this code. */
const failing = (code: 'login-failed' | 'cancelled') => () => Promise.reject(new ProtocolError(code, 'no'))

const codeOf = (error: ProtocolError) => error.code

/** `in`, or the code of the error: the only right password is `right`. */
async function login(guard: LoginGuard, address: string | undefined, user: string, password = 'wrong') {
  const check = password === 'right' ? () => Promise.resolve('in') : failing('login-failed')
  const settled = guard.attempt<string>(address, user, check).catch(codeOf)
  await vi.runAllTimersAsync()
  return await settled
}

/** Milliseconds that the next login has to wait. */
async function waitOf(guard: LoginGuard, address: string | undefined, user: string): Promise<number> {
  const before = Date.now()
  await login(guard, address, user, 'right')
  return Date.now() - before
}

test('a banned address is told through TLS a few times, and then not even shakes hands', async () => {
  const guard = guardWith(1)
  await login(guard, 'a', 'ann')
  for (let count = 0; count < 20; count++) expect(() => guard.admitHandshake('a')).not.toThrow()
  expect(() => guard.admitHandshake('a')).toThrow(expect.objectContaining({ code: 'rate-limited' }))
  expect(() => guard.admitHandshake('b')).not.toThrow()
  vi.setSystemTime(Date.now() + BAN)
  expect(() => guard.admitHandshake('a')).not.toThrow()
})

test('other settings hold for failures that were counted before, and a ban ends when it was to', async () => {
  const guard = guardWith(3)
  await login(guard, 'a', 'ann')
  guard.change({ maxFailures: 2, banMs: BAN * 2 })
  await login(guard, 'a', 'ann')
  expect(await login(guard, 'a', 'ann', 'right')).toBe('rate-limited')
  await login(guard, 'b', 'bob')
  guard.change({ maxFailures: 2, banMs: BAN / 2 })
  vi.setSystemTime(Date.now() + BAN)
  expect(await login(guard, 'a', 'ann', 'right')).toBe('rate-limited')
  // The failure of this one is forgotten, because it is too old now.
  await login(guard, 'b', 'bob')
  expect(await login(guard, 'b', 'bob', 'right')).toBe('in')
})

test('failures from one address delay the next login more and more, and then ban it for a while', async () => {
  const guard = guardWith(6)
  const bans: Ban[] = []
  guard.onBan = (ban) => bans.push(ban)
  const waits: number[] = []
  for (let count = 0; count < 6; count++) {
    waits.push(await waitOf(guard, '192.0.2.7', `user-${count}`))
    expect(await login(guard, '192.0.2.7', `other-${count}`)).toBe('login-failed')
  }
  expect(waits).toEqual([0, 0, 0, 250, 500, 1000])
  expect(bans).toMatchObject([{ address: '192.0.2.7' }])
  expect(() => guard.admit('192.0.2.7')).toThrow(/try again in 15 min/)
  expect(await login(guard, '192.0.2.7', 'ann', 'right')).toBe('rate-limited')
  // Neither another address nor a client on a Unix socket is concerned.
  expect(await login(guard, '192.0.2.8', 'ann', 'right')).toBe('in')
  expect(await login(guard, undefined, 'ann', 'right')).toBe('in')
  vi.advanceTimersByTime(BAN)
  expect(guard.bans).toEqual([])
  expect(await login(guard, '192.0.2.7', 'ann', 'right')).toBe('in')
})

test('many at once from one address are as slow as one after the other', async () => {
  const guard = guardWith(10)
  for (let count = 0; count < 3; count++) await login(guard, '192.0.2.7', `user-${count}`)
  const before = Date.now()
  const ends: number[] = []
  const crowd = Array.from({ length: 40 }, async (_, index) => {
    const result = await guard.attempt('192.0.2.7', `crowd-${index}`, async () => true).catch(codeOf)
    ends.push(Date.now() - before)
    return result
  })
  await vi.runAllTimersAsync()
  const results = await Promise.all(crowd)
  // A turn every 250 ms, and nobody waits for more than six seconds.
  expect(results.filter((result) => result === true)).toHaveLength(24)
  expect(results.filter((result) => result === 'rate-limited')).toHaveLength(16)
  expect(Math.max(...ends)).toBe(6_000)
})

test('a client with the right password may connect many times at once', async () => {
  const guard = guardWith(3)
  const results = await Promise.all(
    Array.from({ length: 100 }, () => login(guard, '192.0.2.7', 'ann', 'right')),
  )
  expect(new Set(results)).toEqual(new Set(['in']))
  expect(await waitOf(guard, '192.0.2.7', 'ann')).toBe(0)
})

test('guesses of 12,000 addresses delay a user by a second at most, ban none but those, and take bounded memory', async () => {
  const guard = guardWith(3)
  const guesses = Array.from({ length: 12_000 }, (_, number) =>
    guard.attempt(`10.1.${number >> 8}.${number & 255}`, 'ann', failing('login-failed')).catch(codeOf),
  )
  await vi.runAllTimersAsync()
  await Promise.all(guesses)
  expect(await waitOf(guard, '192.0.2.7', 'ann')).toBe(1_000)
  expect(await login(guard, '192.0.2.7', 'ann', 'right')).toBe('in')
  expect(guard.bans).toEqual([])
})

test('what is remembered is bounded: the oldest is forgotten first', async () => {
  const guard = guardWith(1)
  for (let number = 0; number < 50_001; number++) {
    await guard.attempt(`a${number}`, `u${number}`, failing('login-failed')).catch(codeOf)
  }
  const { bans } = guard
  expect(bans).toHaveLength(50_000)
  expect(bans[0]?.address).toBe('a1')
})

test('failures are forgotten after a while, and a login that could not be checked is none', async () => {
  const guard = guardWith(4)
  for (let count = 0; count < 3; count++) await login(guard, '192.0.2.7', 'ann')
  vi.advanceTimersByTime(BAN)
  expect(await waitOf(guard, '192.0.2.7', 'ann')).toBe(0)
  for (let count = 0; count < 9; count++) {
    const attempt = guard.attempt('192.0.2.7', 'ann', failing('cancelled')).catch(codeOf)
    await vi.runAllTimersAsync()
    await attempt
  }
  expect(await login(guard, '192.0.2.7', 'ann', 'right')).toBe('in')
})

test('a ban can be lifted, and then the address begins anew', async () => {
  const guard = guardWith(2)
  for (let count = 0; count < 2; count++) await login(guard, '192.0.2.7', 'ann')
  expect(guard.bans).toMatchObject([{ address: '192.0.2.7' }])
  expect([guard.unban('192.0.2.7'), guard.unban('192.0.2.7')]).toEqual([true, false])
  expect(await login(guard, '192.0.2.7', 'ann')).toBe('login-failed')
  expect(guard.bans).toEqual([])
})

test('keys that are refused count for the address, until somebody logs in from there', async () => {
  const guard = guardWith(3)
  const offerKey = (user = 'ann') =>
    guard.attempt('192.0.2.7', user, failing('login-failed'), 'key').catch(codeOf)
  for (let round = 0; round < 4; round++) {
    for (let count = 0; count < 2; count++) expect(await offerKey()).toBe('login-failed')
    // Neither a password from there nor the user has to wait because of them.
    expect(await waitOf(guard, '192.0.2.7', 'ann')).toBe(0)
  }
  // Whoever logs in is not forgiven wrong passwords.
  for (let count = 0; count < 2; count++) {
    await login(guard, '192.0.2.7', 'bob')
    await guard.attempt('192.0.2.7', 'ann', async () => 'in', 'key')
  }
  expect(guard.bans).toEqual([])
  for (let count = 0; count < 3; count++) expect(await offerKey(`user-${count}`)).toBe('login-failed')
  expect(guard.bans).toMatchObject([{ address: '192.0.2.7' }])
  guard.unban('192.0.2.7')
  expect(await offerKey()).toBe('login-failed')
  for (let count = 0; count < 3; count++) await login(guard, '192.0.2.7', 'bob')
  expect(guard.bans).toMatchObject([{ address: '192.0.2.7' }])
})

test('with 0 nothing is counted', async () => {
  const guard = guardWith(0)
  for (let count = 0; count < 50; count++) expect(await login(guard, '192.0.2.7', 'ann')).toBe('login-failed')
  expect(await waitOf(guard, '192.0.2.7', 'ann')).toBe(0)
})

import { expect, test } from 'vitest'
import { hashPassword, impossibleHash, isPassword } from './password-hash.js'

test('a password fits its own hash only', async () => {
  const [one, other] = await Promise.all([hashPassword('secret'), hashPassword('secret')])
  expect(one.hash).not.toBe(other.hash)
  expect(await isPassword('secret', one)).toBe(true)
  expect(await isPassword('secret', { ...one, salt: other.salt })).toBe(false)
  expect(await isPassword('Secret', one)).toBe(false)
  expect(await isPassword('', one)).toBe(false)
})

test('a hash keeps its own parameters', async () => {
  const stored = await hashPassword('secret')
  expect(await isPassword('secret', { ...stored, cost: 2 ** 14 })).toBe(false)
})

test('the hash for unknown users costs what a new one costs', async () => {
  const { salt: _salt, hash: _hash, ...cost } = await hashPassword('secret')
  expect(impossibleHash()).toMatchObject(cost)
  expect(await isPassword('secret', impossibleHash())).toBe(false)
})

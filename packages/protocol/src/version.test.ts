import fc from 'fast-check'
import { expect, test } from 'vitest'
import { negotiateVersion, PROTOCOL_VERSIONS } from './version.js'

test('the highest common version is chosen', () => {
  expect(negotiateVersion({ min: 1, max: 3 }, { min: 2, max: 5 })).toBe(3)
  expect(negotiateVersion({ min: 1, max: 1 }, { min: 1, max: 9 })).toBe(1)
  expect(negotiateVersion(PROTOCOL_VERSIONS, PROTOCOL_VERSIONS)).toBe(1)
})

test.each([
  [
    { min: 1, max: 1 },
    { min: 2, max: 3 },
  ],
  [
    { min: 2, max: 3 },
    { min: 1, max: 1 },
  ],
  [
    { min: 1, max: 1 },
    { min: 0, max: 0 },
  ],
  [
    { min: 1, max: 4 },
    { min: 3, max: 2 },
  ],
])('%o and %o have no common version', (ours, theirs) => {
  expect(() => negotiateVersion(ours, theirs)).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringContaining('no common protocol version'),
    }),
  )
})

test('both sides choose the same version', () => {
  const range = fc.tuple(fc.nat(9), fc.nat(9)).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }))
  fc.assert(
    fc.property(range, range, (a, b) => {
      const common = [...Array(10).keys()].filter((n) => n >= a.min && n <= a.max && n >= b.min && n <= b.max)
      if (common.length === 0) {
        expect(() => negotiateVersion(a, b)).toThrow('no common')
        expect(() => negotiateVersion(b, a)).toThrow('no common')
      } else {
        expect(negotiateVersion(a, b)).toBe(common.at(-1))
        expect(negotiateVersion(b, a)).toBe(common.at(-1))
      }
    }),
  )
})

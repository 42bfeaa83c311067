import { expect, test } from 'vitest'
import { isSameTime } from './same-time.js'

test.each([
  [1_700_000_000_123, 1_700_000_000_123, true],
  [1_700_000_000_123, 1_700_000_000_124, false],
  [1_700_000_000_999, 1_700_000_000_000, true],
  [1_700_000_000_000, 1_700_000_000_999, true],
  [1_700_000_001_000, 1_700_000_000_999, false],
  [1_700_000_001_000, 1_700_000_000_000, false],
  [-1, 0, false],
  [-1, -1000, true],
])('%d and %d', (a, b, expected) => {
  expect(isSameTime(a, b)).toBe(expected)
})

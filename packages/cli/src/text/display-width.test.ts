import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayWidth, shortenMiddle } from './display-width.js'

test.each([
  ['abc', 3],
  ['日本', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['か\u3099', 2],
  ['की', 2],
  ['กำ', 2],
  ['🇩🇪', 2],
  ['❤\ufe0f', 2],
  ['👍🏽', 4],
  // Some terminals draw three people, and others draw one picture.
  ['👩‍👩‍👧', 6],
  ['\u3164\u115f', 4],
  ['\uffa0', 1],
  ['\u200d\u034f', 0],
  ['ﾊﾝ', 2],
  ['', 0],
])('%s takes %d columns', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test('a name that is too long keeps both ends', () => {
  expect(shortenMiddle('quarterly-report-2024.pdf', 15)).toBe('quarter…024.pdf')
  expect(shortenMiddle('short', 15)).toBe('short')
  expect(shortenMiddle('日本語ファイル', 8)).toBe('日本…ル')
})

test('shortened text never is wider than asked for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, width) => {
      expect(displayWidth(shortenMiddle(text, width))).toBeLessThanOrEqual(Math.max(width, 0))
    }),
  )
})

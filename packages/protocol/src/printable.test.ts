import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, printableJson } from './printable.js'

test.each([
  ['plain ünïcödé 日本語 🎉', 'plain ünïcödé 日本語 🎉'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\x1b[31mred\x07', '\\e[31mred\\x07'],
  ['\x9b31m', '\\x9b31m'],
  ['evil\u202egnp.exe', 'evil\\u202egnp.exe'],
  ['turned\u061cround', 'turned\\u061cround'],
  ['in\u200bvisible\u2060', 'in\\u200bvisible\\u2060'],
  ['👩\u200d🚀', '👩\u200d🚀'],
  ['\ud800', '\\ud800'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('nothing that a terminal obeys ever passes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(JSON.parse(printableJson(JSON.stringify({ text })))).toEqual({ text })
      expect(printableJson(JSON.stringify({ text }))).not.toMatch(
        /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u,
      )
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

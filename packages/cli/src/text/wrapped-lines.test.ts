import { expect, test } from 'vitest'
import { besideEachOther, sideBySide, wrapped } from './wrapped-lines.js'

test('lines break between words, and a word that is too long stays whole', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrapped('one https://example/ two', 7)).toEqual(['one', 'https://example/', 'two'])
  expect(wrapped('日本 日本 x', 6)).toEqual(['日本', '日本 x'])
})

test('the text beside a term keeps to its column', () => {
  const rows = [
    ['-a', 'first and second'],
    ['--long', 'third'],
  ] as const
  expect(besideEachOther(rows, 18)).toEqual(['-a      first and', '        second', '--long  third'])
})

test('texts that do not fit beside each other go on in the next line', () => {
  expect(sideBySide(['0 done', '2 usage', '3 network'], 16)).toEqual(['0 done   2 usage', '3 network'])
  expect(sideBySide(['a text that is too long'], 10)).toEqual(['a text', 'that is', 'too long'])
})

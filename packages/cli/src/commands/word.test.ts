import { expect, test } from 'vitest'
import { wordOfArgv } from './word.js'

test.each([
  ['a.txt', undefined],
  ['*.txt', '*.txt'],
  ['a\\*b', undefined],
  ['jftp://host/box/*.txt', '/box/*.txt'],
  ['jftp://host/a%20b/%2A?', '/a b/\\*?'],
  ['jftp://host/%2A', undefined],
  ['jftp://[::1]/a', undefined],
])('%j as a pattern', (text, glob) => {
  expect(wordOfArgv(text).glob).toBe(glob)
})

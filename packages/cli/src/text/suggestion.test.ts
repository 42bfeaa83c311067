import { expect, test } from 'vitest'
import { suggest } from './suggestion.js'

test.each([
  ['puut', 'put'],
  ['lsl', 'ls'],
  ['mkdri', 'mkdir'],
  ['renmae', 'rename'],
  ['PUT', 'put'],
  ['x', undefined],
  ['files', undefined],
  ['', undefined],
])('%j was probably meant to be %j', (word, meant) => {
  expect(suggest(word, ['put', 'get', 'ls', 'mkdir', 'rename', 'rmdir'])).toBe(meant)
})

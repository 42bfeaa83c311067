import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lex } from '../shell/lexer.js'
import { quoteFor } from '../shell/quote.js'
import { expandGlob } from './glob.js'

const tree: Record<string, string[]> = {
  '': ['a.txt', 'b.txt', '.hidden.txt', 'a*c', 'dir', '-x'],
  dir: ['one.bin', 'two.bin'],
  '/': ['root.txt'],
}
const read = async (folder: string) => tree[folder] ?? []
const expand = (typed: string) => {
  const [token] = lex(typed).tokens
  return expandGlob(token?.type === 'word' ? (token.glob ?? '') : '', read)
}

test.each([
  ['*.txt', ['a.txt', 'b.txt']],
  ['.*.txt', ['.hidden.txt']],
  ['?.txt', ['a.txt', 'b.txt']],
  ['[b-z].txt', ['b.txt']],
  ['[!a].txt', ['b.txt']],
  ["'a*'*", ['a*c']],
  ['dir/*', ['dir/one.bin', 'dir/two.bin']],
  ['d*/t*', ['dir/two.bin']],
  ['d*/two.bin', ['dir/two.bin']],
  ['/*', ['/root.txt']],
  ['{a,b}*', []],
  ['nothing*', []],
])('%s finds %j', async (typed, found) => {
  expect(await expand(typed)).toEqual(found)
})

test('a quoted name before a star matches that name, whatever is in it', async () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((each) => !/[/\0]|^\./.test(each))
  await fc.assert(
    fc.asyncProperty(name, async (typed) => {
      const [token] = lex(`${quoteFor(typed, 'none')}*`).tokens
      const glob = token?.type === 'word' ? (token.glob ?? '') : ''
      expect(await expandGlob(glob, async () => [`${typed}x`, `other${typed}`])).toEqual(
        [`${typed}x`, ...(`other${typed}`.startsWith(typed) ? [`other${typed}`] : [])].sort(),
      )
    }),
  )
})

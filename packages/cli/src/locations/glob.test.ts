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
const utf8 = (name: string) => ({ name, isUtf8: true })
const read = async (folder: string) => (tree[folder] ?? []).map(utf8)
const expand = async (typed: string) => {
  const [token] = lex(typed).tokens
  return (await expandGlob(token?.type === 'word' ? (token.glob ?? '') : '', read)).paths
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
  // What a pattern may be made of is rare among all characters.
  const special = fc
    .string({ unit: fc.constantFrom(...'\\ *?[]!^-|(){}$+.@ab'), minLength: 1, maxLength: 8 })
    .filter((each) => !each.startsWith('.'))
  await fc.assert(
    fc.asyncProperty(fc.oneof(name, special), async (typed) => {
      const [token] = lex(`${quoteFor(typed, 'none')}*`).tokens
      const glob = token?.type === 'word' ? (token.glob ?? '') : ''
      expect((await expandGlob(glob, async () => [`${typed}x`, `other${typed}`].map(utf8))).paths).toEqual(
        [`${typed}x`, ...(`other${typed}`.startsWith(typed) ? [`other${typed}`] : [])].sort(),
      )
    }),
    { numRuns: 1000, examples: [['\\ x'], ['\\|'], ['\\\\']] },
  )
})

test('a name that is not UTF-8 is told, not lost', async () => {
  const names = async () => [
    utf8('a.txt'),
    { name: 'b\ufffd.txt', isUtf8: false },
    { name: 'c\ufffd', isUtf8: false },
  ]
  expect(await expandGlob('box/*.txt', names)).toEqual({
    paths: ['box/a.txt'],
    unreachable: ['box/b\ufffd.txt'],
  })
})

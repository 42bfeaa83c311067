import { FtpError } from '@jftp/client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lex } from './lexer.js'
import { closing, quoteFor } from './quote.js'
import type { Quote } from './word-reader.js'

const words = (text: string) =>
  lex(text).tokens.map((token) => (token.type === 'word' ? token.text : token.type))

describe('a line', () => {
  test.each([
    ['put a b', ['put', 'a', 'b']],
    ['  put\ta  ', ['put', 'a']],
    ['put \'a b\' "c d" e\\ f', ['put', 'a b', 'c d', 'e f']],
    [`a'b'"c"\\d`, ['abcd']],
    [`"say \\"hi\\" \\\\ \\n"`, ['say "hi" \\ \\n']],
    [`'it''s'`, ['its']],
    [`$'a\\nb\\t\\x41\\u00e9\\'\\\\'`, ["a\nb\tAé'\\"]],
    ["''", ['']],
    ['a;b&&c||d', ['a', ';', 'b', '&&', 'c', '||', 'd']],
    ['a\nb', ['a', ';', 'b']],
    ['ls # the rest is not for us; rm x', ['ls']],
    ['ls a#b', ['ls', 'a#b']],
    ['# all of it', []],
    ["'#' \\#", ['#', '#']],
    ['put $x $', ['put', '$x', '$']],
  ])('%j is read as %j', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })

  test.each<[string, Quote]>([
    ["a 'b", 'single'],
    ['a "b', 'double'],
    ['a "b\\"', 'double'],
    ["a $'b", 'ansi'],
    ['a b\\', 'backslash'],
    ['a b', 'none'],
  ])('%j ends inside %s', (text, open) => {
    expect(lex(text).open).toBe(open)
  })

  test.each(['a < b', "$'\\q'", "$'\\x4'"])('%j is refused', (text) => {
    expect(() => lex(text)).toThrow(FtpError)
  })

  test('an operator that means nothing is a name when quoted', () => {
    expect(words("put 'a|b' c\\>d")).toEqual(['put', 'a|b', 'c>d'])
  })
})

describe('a glob', () => {
  const glob = (text: string) =>
    lex(text).tokens.flatMap((token) => (token.type === 'word' ? [token.glob] : []))

  test('is one only where it is not quoted', () => {
    expect(glob('*.txt')).toEqual(['*.txt'])
    expect(glob('\'*.txt\' "?" \\*')).toEqual([undefined, undefined, undefined])
  })

  test('keeps what was quoted in it literal', () => {
    expect(glob("'a*'*")).toEqual(['a\\**'])
    expect(glob('{a}*')).toEqual(['\\{a\\}*'])
  })
})

describe('quoting', () => {
  test.each<Quote>(['none', 'single', 'double', 'ansi'])('any text survives in %s', (quote) => {
    const opening = { none: '', single: "'", double: '"', ansi: "$'", backslash: '' }[quote]
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.constantFrom('', '\n', '\x1b[31m', "'", '*'),
        (text, more) => {
          const whole = text + more
          const written = opening + quoteFor(whole, quote) + closing(quote)
          expect(lex(written)).toMatchObject({ open: 'none', tokens: [{ type: 'word', text: whole }] })
          expect(lex(written).tokens).toHaveLength(1)
          expect(lex(written).tokens[0]).not.toHaveProperty('glob')
        },
      ),
    )
  })

  test('whatever is typed, the lexer answers or refuses as usage', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`ab '"\\$;&|#*?[]<>\nx`) }), (text) => {
        try {
          lex(text)
        } catch (error) {
          expect(error).toBeInstanceOf(FtpError)
        }
      }),
    )
  })
})

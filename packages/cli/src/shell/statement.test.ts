import { describe, expect, test } from 'vitest'
import { parseLine } from './statement.js'

const shape = (text: string) =>
  parseLine(text).map(({ statements }) => statements.map(({ when, source }) => [when, source]))

test('; and line ends part chains, && and || join them', () => {
  expect(shape("cd x && put 'a b' || ls; pwd\nexit")).toEqual([
    [
      ['always', 'cd x'],
      ['after-success', "put 'a b'"],
      ['after-failure', 'ls'],
    ],
    [['always', 'pwd']],
    [['always', 'exit']],
  ])
})

test('nothing is no command', () => {
  expect(parseLine(' ;; # \n')).toEqual([])
})

test.each([
  ['&& ls', "a command is missing before '&&'"],
  ['ls ||', "a command is missing after '||'"],
  ['ls && ; pwd', "a command is missing after '&&'"],
  ["put 'a", "a ' is not closed"],
  ['put a\\', 'nothing follows the last backslash'],
  ['& ls', "a command is missing before '&'"],
  ['ls | ', "a local program is missing after '|'"],
  ['| wc', "a command is missing before '|'"],
  ['ls >', "the name of a local file is missing after '>'"],
  ['ls > a b', "after '>' there is one file and nothing else"],
  ['ls < a', "'<' has no meaning here"],
])('%j is refused: %s', (text, message) => {
  expect(() => parseLine(text)).toThrow(message)
})

describe('what leaves ftp', () => {
  test.each([
    ['ls -l | grep x | wc -l; pwd', { type: 'program', command: 'grep x | wc -l' }],
    ["ls | sed 's/;/|/' && pwd", { type: 'program', command: "sed 's/;/|/'" }],
    ['ls | sort 2>&1 > "a;b"', { type: 'program', command: 'sort 2>&1 > "a;b"' }],
    ['ls|head||pwd', { type: 'program', command: 'head' }],
    ["ls > 'a b'", { type: 'file', path: 'a b', mode: 'replace' }],
    ['ls>>log', { type: 'file', path: 'log', mode: 'append' }],
  ])('%s', (text, redirect) => {
    expect(parseLine(text)[0]?.statements[0]).toMatchObject({
      type: 'ftp',
      redirect,
      words: [{ text: 'ls' }, ...(text.includes('-l |') ? [{ text: '-l' }] : [])],
    })
  })

  test('! gives the rest of the line to the local shell, if it begins a command', () => {
    expect(parseLine('pwd; !ls; date | cat')).toMatchObject([
      { statements: [{ type: 'ftp' }] },
      { statements: [{ type: 'local', command: 'ls; date | cat' }] },
    ])
    expect(parseLine('!')).toMatchObject([{ statements: [{ type: 'local', command: '' }] }])
    expect(parseLine('put a!b !')[0]?.statements).toMatchObject([
      { words: [{ text: 'put' }, { text: 'a!b' }, { text: '!' }] },
    ])
  })

  test('& puts a whole chain into the background', () => {
    expect(parseLine('put a && put b & ls | wc & pwd')).toMatchObject([
      { isBackground: true, source: 'put a && put b', statements: [{}, {}] },
      { isBackground: true, source: 'ls | wc' },
      { isBackground: false, source: 'pwd' },
    ])
  })
})

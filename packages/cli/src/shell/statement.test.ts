import { expect, test } from 'vitest'
import { parseLine } from './statement.js'

const shape = (text: string) =>
  parseLine(text).map((chain) => chain.map(({ when, source }) => [when, source]))

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
])('%j is refused: %s', (text, message) => {
  expect(() => parseLine(text)).toThrow(message)
})

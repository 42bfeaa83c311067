import { describe, expect, test } from 'vitest'
import { readAlias } from './alias.js'
import { parseLine } from './statement.js'

/** What the alias makes of the words of a line behind it. */
function read(text: string, words: string) {
  const [chain] = parseLine(`a ${words}`)
  const [statement] = chain?.statements ?? []
  return readAlias('a', text, statement?.type === 'ftp' ? statement.words.slice(1) : []).map((each) =>
    each.type === 'ftp'
      ? { when: each.when, words: each.words.map(({ text, glob }) => glob ?? text) }
      : { when: each.when, command: each.command },
  )
}

describe('the words behind an alias', () => {
  test.each([
    ['ls -l', '/x y', ['ls', '-l', '/x', 'y']],
    ['ls', "'a b'", ['ls', 'a b']],
    ['ls', '*.txt', ['ls', '*.txt']],
    ['put $1 /in/$1.new -r', 'a', ['put', 'a', '/in/a.new', '-r']],
    ['put $2 $1', 'a b c', ['put', 'b', 'a', 'c']],
    ['get $@ -O here', 'a b', ['get', 'a', 'b', '-O', 'here']],
    ['get $@ -O here', '', ['get', '-O', 'here']],
    ['ls /in/$1', 'x*', ['ls', '/in/x*']],
    ['ls *$1', 'a*b', ['ls', '*a*b']],
    ['ls *$1', "'a*b'", ['ls', '*a\\*b']],
    ['ls $0', '', ['ls', '$0']],
  ])('%s, %s', (text, words, expected) => {
    expect(read(text, words).map((each) => each.words)).toEqual([expected])
  })

  test('come to the end of the last command, and the first failure is the end', () => {
    expect(read('cd x; pwd || ls; put', 'f')).toEqual([
      { when: 'always', words: ['cd', 'x'] },
      { when: 'after-success', words: ['pwd'] },
      { when: 'after-failure', words: ['ls'] },
      { when: 'after-success', words: ['put', 'f'] },
    ])
  })
})

import { expect, test } from 'vitest'
import { ToldNames } from './told-names.js'

const REST = 'the others are only counted; -v names them all'

/** The lines for so many names, of which so many are known when each comes. */
function told(names: number, expected: (name: number) => number, verbosity: 'normal' | 'verbose' = 'normal') {
  const list = new ToldNames({ verbosity })
  const lines: (string | undefined)[] = []
  for (let name = 1; name <= names; name++) lines.push(list.next(() => `name ${name}`, expected(name)))
  return lines.filter((line) => line !== undefined)
}

test('a few names are all told', () => {
  expect(told(100, () => 100)).toHaveLength(100)
})

test('of many that are known before, none is told', () => {
  expect(told(300, () => 300)).toEqual([])
})

test('if more come than were known, the rest is announced once', () => {
  expect(told(300, (name) => (name <= 2 ? 50 : 300))).toEqual(['name 1', 'name 2', REST])
  expect(told(300, () => 0).slice(-2)).toEqual(['name 100', REST])
})

test('-v tells all', () => {
  expect(told(300, () => 300, 'verbose')).toHaveLength(300)
})

import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { SortedEntries } from './sorted-entries.js'
import { comparePaths, type TreeEntry } from './tree-entry.js'

const entry = (path: string, type: TreeEntry['type'] = 'file'): TreeEntry => ({
  path,
  type,
  size: 1,
  mtime: 2,
  selection: 'included',
  isNameable: true,
})
const pathsOf = (entries: Iterable<TreeEntry>) => Array.from(entries, ({ path }) => path)

test('what is in a folder comes directly behind it, whatever characters follow its name elsewhere', () => {
  using sorted = new SortedEntries()
  for (const name of ['a.txt', 'a/b', 'a b', 'a-1', 'a', 'a/', 'ab', 'Z', 'a/b/c']) {
    if (name !== 'a/') sorted.add(entry(name, name === 'a' || name === 'a/b' ? 'directory' : 'file'))
  }
  expect(pathsOf(sorted)).toEqual(['Z', 'a', 'a/b', 'a/b/c', 'a b', 'a-1', 'a.txt', 'ab'])
})

test('more entries than are kept in memory come back whole, as often as they are read', () => {
  using sorted = new SortedEntries(10)
  const names = Array.from({ length: 1003 }, (_, index) => `${(index * 7919) % 1003}\n\u0001"é`)
  for (const name of names) sorted.add(entry(name))
  const expected = names.toSorted(comparePaths)
  expect(pathsOf(sorted)).toEqual(expected)
  expect(pathsOf(sorted)).toEqual(expected)
  expect([...sorted][0]).toEqual(entry(expected[0] as string))
})

test('several runs are read at once, in blocks that end anywhere', () => {
  using sorted = new SortedEntries(2000)
  const names = Array.from({ length: 9000 }, (_, index) => `${index}-${'x'.repeat(index % 200)}`)
  for (const name of names.toReversed()) sorted.add(entry(name))
  expect(pathsOf(sorted)).toEqual(names.toSorted(comparePaths))
})

test('the temporary file has no name', () => {
  using sorted = new SortedEntries(1)
  sorted.add(entry('a'))
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('jftp-sync-'))).toEqual([])
  expect(pathsOf(sorted)).toEqual(['a'])
})

test('what is unusual comes back whole too', () => {
  using sorted = new SortedEntries(1)
  const entries: TreeEntry[] = [
    { ...entry('a b\nc "d"', 'directory'), size: 2 ** 53 - 1, mtime: -8.64e15, selection: 'passed' },
    { ...entry('link', 'link'), linkTarget: 'x\0y', selection: 'excluded' },
    { ...entry('lone \ud800'), isNameable: false },
    { ...entry('other', 'other') },
  ]
  for (const each of entries) sorted.add(each)
  expect([...sorted]).toEqual(entries)
})

test('a folder that turned out to be unreadable is that, and nothing in it is told', () => {
  for (const length of [1, 100]) {
    using sorted = new SortedEntries(length)
    sorted.add(entry('a', 'directory'))
    sorted.add(entry('a/b'))
    sorted.add(entry('a', 'unreadable'))
    expect([...sorted]).toEqual([entry('a', 'unreadable')])
  }
})

test('a path comes once, and only if everything before its last name is a folder', () => {
  using sorted = new SortedEntries()
  for (const [path, type] of [
    ['a', 'link'],
    ['a/stolen', 'file'],
    ['b', 'directory'],
    ['b/c', 'file'],
    ['b/c', 'directory'],
    ['b/c/d', 'file'],
    ['nowhere/e', 'file'],
  ] as const) {
    sorted.add(entry(path, type))
  }
  expect(pathsOf(sorted)).toEqual(['a', 'b', 'b/c'])
})

import { expect, test } from 'vitest'
import { formatColumns, formatMode, formatTime } from './listing.js'

const cells = (...names: string[]) => names.map((text) => ({ text, width: text.length }))

test('names go down, then across, as tight as they fit', () => {
  expect(formatColumns(cells('a', 'b', 'c'), 80)).toEqual(['a  b  c'])
  expect(formatColumns(cells('aaaa', 'b', 'c', 'dddd'), 10)).toEqual(['aaaa  c', 'b     dddd'])
  expect(formatColumns(cells('a'.repeat(50), 'b'), 20)).toEqual(['a'.repeat(50), 'b'])
  expect(formatColumns([], 80)).toEqual([])
})

test('a huge folder is laid out all the same', () => {
  const lines = formatColumns(cells(...Array.from({ length: 20_000 }, (_, index) => `file-${index}`)), 80)
  expect(lines.join(' ').split(/ +/)).toHaveLength(20_000)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
})

test('modes are shown as ls shows them', () => {
  expect(formatMode({ type: 'file', mode: 0o644 })).toBe('-rw-r--r--')
  expect(formatMode({ type: 'directory', mode: 0o751 })).toBe('drwxr-x--x')
  expect(formatMode({ type: 'link', mode: 0o777 })).toBe('lrwxrwxrwx')
  expect(formatMode({ type: 'file' })).toBe('-?????????')
})

test('a time that no calendar has is not shown as NaN', () => {
  expect(formatTime(Number.MAX_SAFE_INTEGER)).toBe('unknown time')
  expect(formatTime(-8.64e15 - 1)).toBe('unknown time')
  expect(formatTime(0)).toMatch(/^19(69|70)-/)
})

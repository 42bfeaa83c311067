import { expect, test } from 'vitest'
import { formatBytes, formatClock, formatDuration, formatShare } from './quantity.js'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [5 * 1024 ** 2, '5.0 MiB'],
  [41.4 * 1024 ** 2, '41 MiB'],
  [999 * 1024 ** 2, '999 MiB'],
  [1024 ** 3 - 1, '1.0 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('a share is in the unit of the whole', () => {
  expect(formatShare(1.2 * 1024 ** 3, 9.8 * 1024 ** 3)).toBe('1.2/9.8 GiB')
  expect(formatShare(0, 512)).toBe('0/512 B')
})

test.each([
  [3, '0.1 s'],
  [9900, '9.9 s'],
  [31_400, '31 s'],
  [215_000, '3 min 35 s'],
  [7_500_000, '2 h 5 min'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test.each([
  [6.2, '0:07'],
  [215, '3:35'],
  [3723, '1:02:03'],
  [Number.POSITIVE_INFINITY, '--:--'],
  [Number.NaN, '--:--'],
])('%d s left are %s', (seconds, text) => {
  expect(formatClock(seconds)).toBe(text)
})

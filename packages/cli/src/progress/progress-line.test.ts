import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { displayWidth } from '../text/display-width.js'
import { formatHeartbeat, formatProgressLine } from './progress-line.js'

const position = {
  label: 'app-2024.tgz',
  bytes: 512 * 1024 ** 2,
  total: 1024 ** 3,
  rate: 41 * 1024 ** 2,
  isStalled: false,
} as const

describe('a line of progress', () => {
  test('has bar, %, bytes, rate and ETA where there is room', () => {
    expect(formatProgressLine(position, 99)).toBe(
      'app-2024.tgz  ━━━━━━━━━━━━━━━───────────────   50 %  0.5/1.0 GiB    41 MiB/s  ETA 0:13',
    )
  })

  test('gives up the bar, then the ETA, then the rate', () => {
    expect(formatProgressLine(position, 60)).toBe('app-2024.tgz   50 %  0.5/1.0 GiB    41 MiB/s  ETA 0:13')
    expect(formatProgressLine(position, 48)).toBe('app-2024.tgz   50 %  0.5/1.0 GiB    41 MiB/s')
    expect(formatProgressLine(position, 30)).toBe('app-2….tgz   50 %  0.5/1.0 GiB')
  })

  test('never says 0 % of an unknown size', () => {
    expect(formatProgressLine({ ...position, total: undefined }, 99)).toBe('app-2024.tgz  512 MiB  41 MiB/s')
  })

  test('says stalled instead of a rate and an ETA', () => {
    expect(formatHeartbeat({ ...position, isStalled: true })).toBe('app-2024.tgz  50 %  0.5/1.0 GiB  stalled')
  })

  test('an empty file is done', () => {
    expect(formatHeartbeat({ ...position, bytes: 0, total: 0, rate: 0 })).toContain('100 %')
  })

  test('knows no size of a source that gives more than it said', () => {
    expect(formatHeartbeat({ ...position, bytes: 2048, total: 0 })).toBe('app-2024.tgz  2.0 KiB  41 MiB/s')
    expect(formatHeartbeat({ ...position, bytes: 2048, total: 1024 })).toBe('app-2024.tgz  2.0 KiB  41 MiB/s')
  })

  test('fits its width, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 20, max: 250 }),
        fc.option(fc.nat(), { nil: undefined }),
        fc.nat(),
        (label, width, total, bytes) => {
          const line = formatProgressLine({ label, total, bytes, rate: bytes / 3, isStalled: false }, width)
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
        },
      ),
    )
  })
})

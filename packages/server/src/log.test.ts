import { expect, test } from 'vitest'
import { Log, type LogLevel } from './log.js'

function logTo(lines: Record<string, unknown>[], level: LogLevel = 'info'): Log {
  return new Log(level, (line) => lines.push(JSON.parse(line)))
}

test('a line has its level, its time, its fields and its message', () => {
  const lines: Record<string, unknown>[] = []
  const before = Date.now()
  logTo(lines).warn({ type: 'example', 'na"me': 'va\\lue', count: 3, absent: undefined }, 'a "message"\n')
  const [{ time, ...rest } = {}] = lines
  expect(rest).toEqual({ level: 40, type: 'example', 'na"me': 'va\\lue', count: 3, msg: 'a "message"\n' })
  expect(Date.parse(time as string)).toBeGreaterThanOrEqual(before)
  expect(new Date(time as string).toISOString()).toBe(time)
})

test('what is less important than the level is left out, also after the level has changed', () => {
  const lines: Record<string, unknown>[] = []
  const log = logTo(lines, 'warn')
  log.info({ type: 'one' }, 'one')
  log.error({ type: 'two' }, 'two')
  log.level = 'debug'
  log.debug({ type: 'three' }, 'three')
  log.level = 'silent'
  log.error({ type: 'four' }, 'four')
  expect(lines.map(({ type }) => type)).toEqual(['two', 'three'])
  expect(log.isLevelEnabled('error')).toBe(false)
})

test('an error is told with its causes, also if they go in a circle', () => {
  const lines: Record<string, unknown>[] = []
  const inner = Object.assign(new RangeError('inner'), { code: 'EIO', syscall: 'open' })
  const outer = new TypeError('outer', { cause: inner })
  inner.cause = outer
  logTo(lines).error({ type: 'failed', err: outer }, 'it failed')
  logTo(lines).error({ type: 'failed', err: inner }, 'it failed')
  logTo(lines).error({ type: 'failed', err: 'text' }, 'it failed')
  expect(lines[0]?.['err']).toMatchObject({ type: 'TypeError', message: 'outer: inner' })
  expect((lines[0]?.['err'] as { stack: string }).stack).toMatch(
    /^TypeError: outer\n[^]*\ncaused by: RangeError: inner\n/,
  )
  expect(lines[1]?.['err']).toMatchObject({ message: 'inner: outer', code: 'EIO', syscall: 'open' })
  expect(lines[2]?.['err']).toBe('text')
})

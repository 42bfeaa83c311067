import { expect, test } from 'vitest'
import { NO_HOOKS } from './hook.js'
import { LiveTables } from './live-tables.js'

const program = (name: string) => ({
  ...{ name, command: ['true'], users: ['ci'], takesArguments: false },
  ...{ timeoutMs: 1000, maxOutput: 1000 },
})

test('what one thread puts into force, the others see', () => {
  const own = new LiveTables()
  own.prepare({ hooks: NO_HOOKS, programs: [] })()
  const other = new LiveTables(own.memory)
  expect(other.current).toMatchObject({ programs: [], hasWebhook: false })
  const apply = own.prepare({ hooks: { ...NO_HOOKS, acceptUpload: ['scan'] }, programs: [program('ä')] })
  expect(other.current.programs).toEqual([])
  apply()
  expect(other.current).toMatchObject({ acceptUpload: ['scan'], programs: [program('ä')] })
  own.prepare({ hooks: NO_HOOKS, programs: [] })()
  expect(other.current).toEqual({ hookTimeoutMs: 10_000, hasWebhook: false, programs: [] })
})

test('tables that are too large are refused, and change nothing', () => {
  const tables = new LiveTables()
  tables.prepare({ hooks: NO_HOOKS, programs: [program('a')] })()
  const programs = [program('x'.repeat(1024 * 1024))]
  expect(() => tables.prepare({ hooks: NO_HOOKS, programs })).toThrow('have more than 1048576 bytes')
  expect(tables.current.programs).toEqual([program('a')])
})

import type { Program } from '../programs/program.js'
import { UsageError } from '../usage-error.js'
import type { ConfigFile } from './config-file.js'
import type { GivenOption } from './given-options.js'

const KEYS = ['command', 'users', 'arguments', 'timeout', 'max-output'] as const

/** Seconds; the longest is a day. */
const TIMEOUT = { byDefault: 60, max: 86_400 }

/** Bytes. */
const OUTPUT = { byDefault: 1024 * 1024, max: 1024 * 1024 * 1024 }

type Table = Readonly<Record<string, unknown>>

/** The table `exec` of the configuration file: the programs that users may run. Throws UsageError. */
export function readPrograms(file: ConfigFile | undefined): Program[] {
  if (file === undefined || !Object.hasOwn(file.table, 'exec')) return []
  const table = file.table['exec']
  const fail = (key: readonly string[], problem: string) => {
    const shown = ['exec', ...key]
    return new UsageError(`${file.path}:${file.lineOf(shown)}: ${shown.join('.')}: ${problem}`)
  }
  if (!isTable(table)) throw fail([], 'a table for each program is needed: [exec.NAME]')
  return Object.entries(table).map(([name, values]) => {
    if (!isTable(values)) throw fail([name], `a table is needed: [exec.${name}]`)
    return readProgram(name, values, (key, problem) => fail([name, key], problem))
  })
}

function readProgram(name: string, values: Table, fail: (key: string, problem: string) => Error): Program {
  for (const key of Object.keys(values)) {
    if (!KEYS.some((each) => each === key)) throw fail(key, `there are only ${KEYS.join(', ')}`)
  }
  const { command, users, arguments: takesArguments = false } = values
  if (!isTextList(command)) {
    throw fail('command', 'a program and its first arguments are needed: ["/usr/local/bin/backup", "--all"]')
  }
  if (!isTextList(users)) throw fail('users', 'the names of those who may run it are needed: ["ci"]')
  if (typeof takesArguments !== 'boolean') throw fail('arguments', 'true or false is needed')
  const number = (key: string, { byDefault, max }: { byDefault: number; max: number }, unit: string) => {
    const value = values[key] ?? byDefault
    if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max) return Number(value)
    throw fail(key, `a whole number of ${unit} from 1 to ${max} is needed`)
  }
  return {
    ...{ name, command, users, takesArguments },
    timeoutMs: number('timeout', TIMEOUT, 'seconds') * 1000,
    maxOutput: number('max-output', OUTPUT, 'bytes'),
  }
}

/** The same settings, a line for each program. To be called when `readPrograms` has found nothing wrong. */
export function givenPrograms(file: ConfigFile | undefined, programs: readonly Program[]): GivenOption[] {
  const names = programs.map(({ name }) => name).join(', ')
  if (file === undefined || names === '')
    return [{ key: 'exec', value: undefined, origin: { type: 'default' } }]
  const origin = (...key: string[]) =>
    ({ type: 'file', path: file.path, line: file.lineOf(['exec', ...key]) }) as const
  return [
    { key: 'exec', value: names, origin: origin() },
    ...programs.map(({ name, ...settings }) => {
      return { key: `exec.${name}`, value: JSON.stringify(settings), origin: origin(name) }
    }),
  ]
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTextList(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length === 0 || value[0] === '') return false
  return value.every((part) => typeof part === 'string' && !part.includes('\0'))
}

import { type Hooks, NO_HOOKS } from '../hook.js'
import { UsageError } from '../usage-error.js'
import type { ConfigFile } from './config-file.js'
import type { GivenOption } from './given-options.js'
import { readWebhook } from './webhook-settings.js'

const KEYS = ['accept-upload', 'uploaded', 'timeout', 'webhook', 'webhook-secret-file'] as const

/** The longest that a hook may take, in seconds: after that clients give up. */
const MAX_TIMEOUT = 30

/** The table `hooks` of the configuration file. Programs and the webhook can be named only there. Throws UsageError. */
export async function readHooks(file: ConfigFile | undefined): Promise<Hooks> {
  if (file === undefined || !Object.hasOwn(file.table, 'hooks')) return NO_HOOKS
  const table = file.table['hooks']
  const fail = (key: readonly string[], problem: string) =>
    new UsageError(`${file.path}:${file.lineOf(key)}: ${key.join('.')}: ${problem}`)
  if (typeof table !== 'object' || table === null || Array.isArray(table)) {
    throw fail(['hooks'], 'a table is needed: [hooks]')
  }
  const values = table as Record<string, unknown>
  for (const key of Object.keys(values)) {
    if (!KEYS.some((each) => each === key)) throw fail(['hooks', key], `there are only ${KEYS.join(', ')}`)
  }
  const program = (key: string): string[] | undefined => {
    const value = values[key]
    if (value === undefined) return undefined
    if (isProgram(value)) return value
    throw fail(['hooks', key], 'a program and its arguments are needed: ["/usr/local/bin/scan", "--quick"]')
  }
  const timeout = values['timeout'] ?? NO_HOOKS.timeoutMs / 1000
  if (!Number.isInteger(timeout) || Number(timeout) < 1 || Number(timeout) > MAX_TIMEOUT) {
    throw fail(['hooks', 'timeout'], `a whole number of seconds from 1 to ${MAX_TIMEOUT} is needed`)
  }
  return {
    acceptUpload: program('accept-upload'),
    uploaded: program('uploaded'),
    webhook: await readWebhook(values, (key, problem) => fail(['hooks', key], problem)),
    timeoutMs: Number(timeout) * 1000,
  }
}

/** The same settings as they are written. To be called when `readHooks` has found nothing wrong. */
export function givenHooks(file: ConfigFile | undefined): GivenOption[] {
  const values = (file?.table['hooks'] ?? {}) as Readonly<Record<string, unknown>>
  return KEYS.map((name) => {
    const key = `hooks.${name}`
    const value = values[name]
    if (file === undefined || value === undefined) {
      const byDefault = name === 'timeout' ? String(NO_HOOKS.timeoutMs / 1000) : undefined
      return { key, value: byDefault, origin: { type: 'default' } }
    }
    const origin = { type: 'file', path: file.path, line: file.lineOf(['hooks', name]) } as const
    return { key, value: typeof value === 'string' ? value : JSON.stringify(value), origin }
  })
}

function isProgram(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length === 0 || value[0] === '') return false
  return value.every((part) => typeof part === 'string' && !part.includes('\0'))
}

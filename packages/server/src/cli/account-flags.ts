import { normalizeRemotePath, ProtocolError } from '@jftp/protocol'
import { parseByteCount, parseRate, RATE_EXAMPLES } from '@jftp/transfer'
import type { Command } from 'commander'
import type { UserRecord } from '../accounts/users-schema.js'
import { UsageError } from '../usage-error.js'
import { PERMISSIONS, type PermissionRule } from '../visitors/permissions.js'

/** Rules as they are written on the command line. */
export function showRules(rules: readonly PermissionRule[]): string {
  return rules.map(({ path, allows }) => `${path}=${allows.join(',') || 'none'}`).join(' ')
}

/** The flags of `ftpd user add` and `ftpd user set` that say what a user may do. */
export interface AccountFlags {
  readonly home?: string
  readonly allow?: readonly string[]
  readonly limitRate?: string
  readonly maxSessions?: string
  readonly quota?: string
}

export function accountFlags(command: Command): Command {
  return allowFlag(command)
    .option('--limit-rate <RATE>', 'bytes per second of all sessions of the user together, or none')
    .option(
      '--quota <BYTES>',
      'bytes that all files in the home may have together, such as 500M or 10Gi, or none',
    )
    .option('--max-sessions <N>', 'sessions at once, or none')
    .option('--home <PATH>', 'the folder that is / for this user, from the served folder on; made if missing')
}

/** `--allow`, which may be given more than once. */
export function allowFlag(command: Command): Command {
  return command.option(
    '--allow <[PATH=]LIST>',
    `what the user may do at PATH (default: /) and below it: all, none, or some of ${PERMISSIONS.join(',')}; may be given more than once`,
    (value: string, before: readonly string[] = []) => [...before, value],
  )
}

/** Only what was given is in the result. Throws UsageError. */
export function readAccountFlags(flags: AccountFlags): Partial<Omit<UserRecord, 'name'>> {
  const { home, allow, limitRate, maxSessions, quota } = flags
  return {
    ...(limitRate === undefined
      ? {}
      : { limitRate: readLimit('--limit-rate', limitRate, parseRate, RATE_EXAMPLES) }),
    ...(quota === undefined
      ? {}
      : { quota: readLimit('--quota', quota, parseByteCount, 'a number of bytes such as 500M or 10Gi') }),
    ...(maxSessions === undefined
      ? {}
      : { maxSessions: readLimit('--max-sessions', maxSessions, parseCount, 'a number from 1 on') }),
    ...(home === undefined ? {} : { home: readPath('--home', home) }),
    ...(allow === undefined ? {} : { permissions: readRules('--allow', allow) }),
  }
}

/** `none` takes a limit away. */
function readLimit(
  flag: string,
  text: string,
  parse: (text: string) => number | undefined,
  expected: string,
): number | undefined {
  if (text === 'none') return undefined
  const limit = parse(text)
  if (limit !== undefined) return limit
  throw new UsageError(`${flag} ${text}: ${expected}, or none, is needed`)
}

function parseCount(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
}

/** Reads `read,list` and `/inbox=write`. */
export function readRules(
  flag: string,
  texts: readonly string[],
): { path: string; allows: PermissionRule['allows'][number][] }[] {
  const rules = texts.map((text) => {
    const [, path = '/', list = ''] = /^(?:(\/.*)=)?([^=]*)$/s.exec(text) ?? []
    return { path: readPath(flag, path), allows: readList(flag, text, list) }
  })
  const twice = rules.find(({ path }, index) => rules.findIndex((each) => each.path === path) !== index)
  if (twice !== undefined) throw new UsageError(`${flag} is given twice for ${twice.path}`)
  return rules
}

function readList(flag: string, text: string, list: string): PermissionRule['allows'][number][] {
  if (list === 'all') return [...PERMISSIONS]
  if (list === 'none') return []
  return list.split(',').map((word) => {
    const permission = PERMISSIONS.find((each) => each === word)
    if (permission !== undefined) return permission
    throw new UsageError(`${flag} ${text}: all, none, or some of ${PERMISSIONS.join(',')} are needed`)
  })
}

function readPath(flag: string, text: string): string {
  try {
    return normalizeRemotePath(text)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new UsageError(`${flag} ${text}: ${error.message}`)
  }
}

import { DIGEST_ALGORITHMS, MAX_SECRET_LENGTH, normalizeRemotePath } from '@jftp/protocol'
import { MAX_RATE, MIN_RATE, RateLimit } from '@jftp/transfer'
import { MAX_CONNECTIONS, MAX_SEGMENTS } from './connection-limits.js'
import { FtpError } from './errors/ftp-error.js'
import { parseFingerprint } from './trust/fingerprint.js'

/** What an option has to be. An option may always be left out or undefined. */
interface Rule {
  readonly is: (value: unknown) => boolean
  readonly expected: string
  /** No message shows a secret value, whatever is wrong with it. */
  readonly isSecret?: true
}

const MAX_TIMER = 2 ** 31 - 1

const signal: Rule = { is: isSignal, expected: 'an AbortSignal' }
const isTrueOrFalse: Rule = { is: (value) => typeof value === 'boolean', expected: 'true or false' }
const isFunction: Rule = { is: (value) => typeof value === 'function', expected: 'a function' }
const digest = oneOf(DIGEST_ALGORITHMS)
const transfer = {
  signal,
  digest,
  onProgress: isFunction,
  onExists: oneOf(['overwrite', 'skip', 'resume', 'newer', 'rename', 'fail']),
  preserve: oneOf(['times-and-mode']),
}

const filters: Rule = { is: areRules, expected: 'an array of { type, pattern }' }
const tree = {
  signal,
  digest,
  onExists: transfer.onExists,
  preserve: transfer.preserve,
  connections: integer(1, MAX_CONNECTIONS, 'connections'),
  select: isFunction,
  onEvent: isFunction,
}

/** The options of each call. Unknown ones are ignored. */
const OPTIONS = {
  connect: {
    signal,
    retry: { is: isRetry, expected: 'an object with whole numbers `retries` and `delay`' },
    digest,
    timeout: integer(1, MAX_TIMER, 'milliseconds'),
    limitRate: {
      is: isRate,
      expected: `a RateLimit, or bytes per second from ${MIN_RATE} to ${MAX_RATE}`,
    },
    user: { is: isShortText, expected: 'a name of 1 to 256 characters' },
    password: secret('a password'),
    token: secret('a token'),
    keys: { is: areKeys, expected: 'an array of SSH keys, at least one', isSecret: true },
    pin: { is: isPin, expected: 'sha256: and 64 hex digits' },
    ca: { is: isPem, expected: 'PEM text with certificates' },
    knownHosts: { is: isPath, expected: 'the path of a file' },
  },
  put: { ...transfer, mode: integer(0, 0o7777, 'permission bits'), parents: isTrueOrFalse },
  get: {
    ...transfer,
    localLink: oneOf(['follow', 'replace']),
    segments: integer(1, MAX_SEGMENTS, 'connections'),
  },
  getTrees: { ...tree, links: oneOf(['follow', 'keep']) },
  putTrees: { ...tree, mode: integer(0, 0o7777, 'permission bits') },
  list: { signal, recursive: isTrueOrFalse },
  find: {
    signal,
    depth: integer(0, Number.MAX_SAFE_INTEGER, 'levels'),
    name: { is: isShortText, expected: 'a pattern of 1 to 256 characters' },
    type: oneOf(['file', 'directory', 'link', 'other']),
    links: oneOf(['report', 'follow']),
  },
  stat: { signal, links: oneOf(['report', 'follow']) },
  cd: { signal },
  mkdir: { signal, parents: isTrueOrFalse },
  rm: { signal, version: { is: isVersion, expected: 'an object with whole numbers `size` and `mtime`' } },
  rmdir: { signal },
  removeTree: { signal },
  mv: { signal, onExists: oneOf(['overwrite', 'fail']) },
  cp: {
    signal,
    onExists: oneOf(['overwrite', 'skip', 'rename', 'fail']),
    preserve: oneOf(['times-and-mode']),
  },
  chmod: { signal },
  touch: {
    signal,
    create: isTrueOrFalse,
    mtime: { is: Number.isSafeInteger, expected: 'whole milliseconds since 1970' },
  },
  hash: { signal, digest: oneOf(DIGEST_ALGORITHMS.filter((name) => name !== 'none')) },
  exec: { signal },
  du: { signal, depth: integer(0, Number.MAX_SAFE_INTEGER, 'names') },
  df: { signal },
  ping: { signal },
  diff: { signal, digest, filters },
  sync: {
    signal,
    digest,
    filters,
    connections: tree.connections,
    comparison: oneOf(['size-and-time', 'size', 'digest']),
    onExists: transfer.onExists,
    newerThan: integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'milliseconds'),
    delete: oneOf(['extra']),
    maxDelete: integer(0, Number.MAX_SAFE_INTEGER, 'names'),
    mode: oneOf(['run', 'plan']),
    onEvent: isFunction,
    onProgress: isFunction,
  },
} as const satisfies Record<string, Readonly<Record<string, Rule>>>

/** Checks what the compiler can't check for a caller in plain JavaScript. Throws `usage`, naming the option. */
export function checkOptions(call: keyof typeof OPTIONS, options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new FtpError('usage', `${call}: the options must be an object, not ${show(options)}`)
  }
  const rules: Readonly<Record<string, Rule>> = OPTIONS[call]
  for (const name in rules) {
    const value: unknown = (options as Record<string, unknown>)[name]
    const rule = rules[name]
    if (value === undefined || rule === undefined || rule.is(value)) continue
    if (rule.isSecret) throw new FtpError('usage', `${call}: the option '${name}' must be ${rule.expected}`)
    throw new FtpError('usage', `${call}: the option '${name}' must be ${rule.expected}, not ${show(value)}`)
  }
}

/** The normal form of a remote path. Throws `usage` if it is not a string, and `bad-request` if it is no path. */
export function toRemotePath(path: unknown): string {
  if (typeof path === 'string') return normalizeRemotePath(path)
  throw new FtpError('usage', `a remote path must be a string, not ${show(path)}`)
}

/** Throws `usage` for a number that is no permission bits. */
export function checkMode(mode: number): number {
  if (Number.isInteger(mode) && mode >= 0 && mode <= 0o7777) return mode
  throw new FtpError('usage', `a mode is a whole number of permission bits from 0 to 4095, not ${show(mode)}`)
}

/** Throws `usage` for text that can't be the path of a local file. */
export function checkLocalPath(path: string): void {
  if (path === '') throw new FtpError('usage', 'the local path is empty')
  if (path.includes('\0'))
    throw new FtpError('usage', 'a local path must not contain a NUL character', { path })
}

/** A value as a message names it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100))
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) return `a ${typeof value}`
  return String(value)
}

function oneOf(values: readonly string[]): Rule {
  const names = values.map((value) => `'${value}'`)
  const last = names.pop()
  return {
    is: (value) => values.includes(value as string),
    expected: names.length === 0 ? `${last}` : `${names.join(', ')} or ${last}`,
  }
}

function secret(what: string): Rule {
  return {
    is: (value) => typeof value === 'string' && value !== '' && value.length <= MAX_SECRET_LENGTH,
    expected: `${what} of 1 to ${MAX_SECRET_LENGTH} characters`,
    isSecret: true,
  }
}

function integer(min: number, max: number, what: string): Rule {
  return {
    is: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    expected: `a whole number of ${what} from ${min} to ${max}`,
  }
}

function isVersion(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { size, mtime } = value as Record<string, unknown>
  return Number.isSafeInteger(size) && Number.isSafeInteger(mtime)
}

function isRetry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { retries = 0, delay = 0, when = 'always', onRetry } = value as Record<string, unknown>
  const isCount = (each: unknown) =>
    Number.isInteger(each) && (each as number) >= 0 && (each as number) <= MAX_TIMER
  const isWhen = when === 'always' || when === 'once-connected'
  return (
    isCount(retries) && isCount(delay) && isWhen && (onRetry === undefined || typeof onRetry === 'function')
  )
}

function isRate(value: unknown): boolean {
  return value instanceof RateLimit || (typeof value === 'number' && value >= MIN_RATE && value <= MAX_RATE)
}

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 256
}

function areRules(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((rule: unknown) => {
      const { type, pattern } = (rule ?? {}) as { type?: unknown; pattern?: unknown }
      return (type === 'include' || type === 'exclude') && typeof pattern === 'string'
    })
  )
}

function areKeys(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((key: unknown) => {
      const { publicKey, sign } = (key ?? {}) as { publicKey?: unknown; sign?: unknown }
      return publicKey instanceof Uint8Array && typeof sign === 'function'
    })
  )
}

function isPin(value: unknown): boolean {
  return typeof value === 'string' && parseFingerprint(value) !== undefined
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isPem(value: unknown): boolean {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
  return typeof text === 'string' && text.includes('-----BEGIN CERTIFICATE-----')
}

/** A signal may come from another realm or from a package, so its class says nothing. */
function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener } = value as { aborted?: unknown; addEventListener?: unknown }
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}

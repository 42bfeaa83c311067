import {
  FtpError,
  MAX_CONNECTIONS,
  parseFingerprint,
  parseRate,
  RATE_EXAMPLES,
  RateLimit,
} from '@jftp/client'

export function readPin(name: string, text: string): string {
  const pin = parseFingerprint(text)
  if (pin !== undefined) return pin
  throw new FtpError(
    'usage',
    `${name} must be sha256: and 64 hex digits, as "ftpd fingerprint" prints it, not '${text}'`,
  )
}

export function choose<const C extends string>(name: string, value: string, choices: readonly C[]): C {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  const list = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
  throw new FtpError('usage', `${name} must be ${list}, not '${value}'`)
}

export function readRate(name: string, text: string): RateLimit | undefined {
  if (text === 'none') return undefined
  const rate = parseRate(text)
  if (rate !== undefined) return new RateLimit(rate)
  throw new FtpError('usage', `${name} is ${RATE_EXAMPLES}, or none; not '${text}'`)
}

export function readConnections(name: string, text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= MAX_CONNECTIONS) return number
  throw new FtpError(
    'usage',
    `${name} is a number of connections from 1 to ${MAX_CONNECTIONS}, not '${text}'`,
  )
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a time that is in seconds if it has no unit. */
export function readTime(name: string, text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Number(number) * UNITS[unit as keyof typeof UNITS]
  if (ms > 0 && ms < 2 ** 31) return Math.ceil(ms)
  throw new FtpError('usage', `${name} must be a time such as 10, 500ms or 2m, not '${text}'`)
}

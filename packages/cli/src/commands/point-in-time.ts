import { FtpError } from '@jftp/client'

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/**
 * Milliseconds since 1970 of an age (`90s`, `30m`, `12h`, `7d`, `2w`) or of a date or time in the local time zone
 * (`2026-11-25`, `2026-11-25T14:30`).
 */
export function readPointInTime(flag: string, text: string, now = Date.now()): number {
  const [, age, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? []
  if (age !== undefined) return Math.floor(now - Number(age) * UNITS[unit as keyof typeof UNITS])
  // Date reads a date alone as UTC, and a date with a time as local.
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00`) : NaN
  const point = /^\d{4}-\d{2}-\d{2}[T ]\d/.test(text) ? Date.parse(text.replace(' ', 'T')) : time
  if (Number.isFinite(point)) return point
  throw new FtpError(
    'usage',
    `${flag} is an age such as 7d or 12h, or a date such as 2026-01-31, not '${text}'`,
  )
}

import { UsageError } from '../usage-error.js'

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The longest time to keep something, in milliseconds: ten years. */
const MAX_DURATION = 3650 * UNITS.d

/** A time with a unit, in milliseconds; 0 needs none. */
export function duration(option: string, text: string): number {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  const ms = text === '0' ? 0 : Number(number) * UNITS[unit as keyof typeof UNITS]
  if (ms >= 0 && ms <= MAX_DURATION) return ms
  throw new UsageError(`${option} ${text}: a time such as 7d, 12h, 30m or 90s is needed, or 0`)
}

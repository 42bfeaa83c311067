/** Amounts as people read them. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** `0 B`, `999 B`, `1.5 KiB`, `41 MiB`: the number has at least two digits if they say something, and at most four characters. */
export function formatBytes(bytes: number): string {
  const { scaled, unit } = scale(bytes)
  return `${scaled} ${unit}`
}

/** `1.2/9.8 GiB`: both numbers are in the unit of the total. */
export function formatShare(bytes: number, total: number): string {
  const { exponent, unit } = scale(total)
  return `${figure(bytes, exponent)}/${figure(total, exponent)} ${unit}`
}

/** `41 MiB/s`; `bytesPerSecond` may be 0. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** `0.1 s`, `31 s`, `3 min 35 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 9.95) return `${Math.max(0.1, seconds).toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A clock for what is left: `0:07`, `3:35`, `1:02:03`, or `--:--` if it is not known. */
export function formatClock(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds >= 100 * 3600) return '--:--'
  const whole = Math.ceil(seconds)
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  const rest = String(whole % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

/** `1 file`, `12 files`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function scale(bytes: number): { scaled: string; exponent: number; unit: string } {
  let exponent = 0
  // Rounded, anything from 999.5 on would have four digits.
  while (exponent < UNITS.length - 1 && bytes / 1024 ** exponent >= 999.5) exponent++
  return { scaled: figure(bytes, exponent), exponent, unit: UNITS[exponent] ?? 'B' }
}

function figure(bytes: number, exponent: number): string {
  const value = bytes / 1024 ** exponent
  return exponent === 0 || value >= 9.95 ? String(Math.round(value)) : value.toFixed(1)
}

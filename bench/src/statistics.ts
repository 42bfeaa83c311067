import type { Entry, Result, Unit } from './contest.js'

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** How many times as fast the first is; above 1 it wins, whatever the unit. */
export function ratio(ours: Entry, theirs: Entry, unit: Unit): number {
  const quotient = median(ours.values) / median(theirs.values)
  return unit === 'ms' ? 1 / quotient : quotient
}

/** The entry of this name, if it took part and finished. */
export function finished(result: Result | undefined, name: string): Entry | undefined {
  return result?.entries.find((entry) => entry.name === name && isFinished(entry))
}

export function isFinished(entry: Entry): boolean {
  return entry.failure === undefined && entry.values.length > 0
}

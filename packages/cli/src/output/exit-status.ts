import { exitCodeOf } from '@jftp/client'

/** The single failures in what a command threw; none where it threw nothing. */
export function failuresOf(thrown: unknown): readonly unknown[] {
  if (thrown === undefined) return []
  return thrown instanceof AggregateError ? thrown.errors : [thrown]
}

/** 0 without failures; the code they agree on, or 1 where they don't. */
export function statusOf(thrown: unknown): number {
  const [first, ...others] = failuresOf(thrown).map(exitCodeOf)
  if (first === undefined) return 0
  return others.every((code) => code === first) ? first : 1
}

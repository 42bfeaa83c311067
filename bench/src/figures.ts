import type { Result } from './contest.js'
import type { Machine } from './machine.js'
import type { Absence, Failure } from './skip.js'
import type { IdleResult } from './workloads/idle-connections.js'
import type { MemoryRow } from './workloads/memory.js'

/** Everything one run found out; what the JSON file holds. */
export interface Figures {
  /** The day of the run, as in 2026-01-31. */
  readonly date: string
  readonly machine: Machine
  /** Of the last minute, before the first measurement and after the last: 1 is one core busy. */
  readonly load: { readonly before: number; readonly after: number }
  /** What one core digests, bytes a second: no tool that checks at both ends can be faster. */
  readonly digests: Readonly<Record<string, number>>
  /** Programs and their versions. */
  readonly versions: Readonly<Record<string, string>>
  readonly results: readonly Result[]
  readonly memory: readonly MemoryRow[]
  readonly idle: IdleResult | undefined
  /** The same through TLS. */
  readonly idleTls: IdleResult | undefined
  /** What this machine lacks something for. */
  readonly skipped: readonly Absence[]
  /** What should have run and did not. */
  readonly failed: readonly Failure[]
}

import { readFileSync } from 'node:fs'

/** Descriptors that the process itself needs, and each of its worker threads: for event loops, logs and modules. */
const OWN = 48
const PER_WORKER = 8

/** A connection needs one descriptor for itself, and one more or two while it transfers a file. */
const PER_CONNECTION = 2

/**
 * How many connections the limit on open files (`ulimit -n`) allows, with room left for files, so that clients who
 * only hold connections open can't keep the others from transferring. At least 1.
 */
export function connectionsWithin(openFiles: number, workers: number): number {
  return Math.max(1, Math.floor((openFiles - OWN - PER_WORKER * workers) / PER_CONNECTION))
}

/** The limit on open files of this process; infinite where the system doesn't tell. */
export function openFileLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

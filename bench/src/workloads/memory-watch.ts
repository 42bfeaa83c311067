import { readFileSync } from 'node:fs'

const INTERVAL = 20

/** Bytes resident now, and the most there ever were as the kernel counts it. */
export interface Residence {
  readonly now: number
  readonly peak: number
}

/** Of a live process, from /proc; undefined where it has gone, or where there is no /proc. */
export function residenceOf(pid: number): Residence | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
    const now = field('VmRSS') * 1024
    // A process about to be reaped has no memory fields left.
    return Number.isNaN(now) ? undefined : { now, peak: field('VmHWM') * 1024 }
  } catch {
    return undefined
  }
}

/** Follows a process to its end or until stopped; returns a stop that tells the highest seen. */
export function watchMemory(pid: number): () => number {
  let highest = 0
  const look = () => {
    const residence = residenceOf(pid)
    if (residence !== undefined) highest = Math.max(highest, residence.now, residence.peak)
  }
  look()
  const timer = setInterval(look, INTERVAL)
  return () => {
    clearInterval(timer)
    look()
    return highest
  }
}

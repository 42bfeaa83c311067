import { readFileSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'
import { Skip } from '../skip.js'

/** Left to everything else on the machine. */
const RESERVE = 2 ** 31

/** Throws where the folder has no room for this many bytes more; one in memory needs the memory as well. */
export function checkRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder)
  const room = Math.min(bavail * bsize, availableMemory() - RESERVE)
  if (bytes <= room) return
  throw new Skip(`needs ${gibibytes(bytes)} GiB in ${folder}, there are ${gibibytes(Math.max(room, 0))}`)
}

function availableMemory(): number {
  try {
    const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? []
    return Number(kibibytes) * 1024 || freemem()
  } catch {
    return freemem()
  }
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}

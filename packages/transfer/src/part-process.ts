import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAlive } from './process-state.js'

/** How many names this thread has made. The next one has this number. */
let count = 0

/** A name that no other file of any process has. It says which process uses the file. */
export function ownName(): string {
  return `${thisMachine()}-${process.pid}-${ownStart()}-${RUN}-${count++}`
}

/** What `ownName` looks like; its groups are the machine, the process and when that was started. */
export const OWN_NAME = '([0-9a-f]{12})-([1-9]\\d{0,9})-(\\d+)-[0-9a-f]{8}-\\d+'

/**
 * Whether the process in such a name is gone. A process of another machine that shares this folder can't be asked, and
 * passes for a running one.
 */
export function isGone(machine: string, pid: number, started: string): boolean {
  return machine === thisMachine() && !isRunning(pid, started)
}

function isRunning(pid: number, started: string): boolean {
  if (pid === process.pid) return started === ownStart()
  if (!isAlive(pid)) return false
  // The id may have been given to another process since.
  const now = startOf(pid)
  return now === UNKNOWN_START || started === UNKNOWN_START || now === started
}

const UNKNOWN_START = '0'

/** When a process started, in clock ticks since the machine did; only Linux tells. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses, which may hold anything; this is the 22nd.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? UNKNOWN_START
  } catch {
    return UNKNOWN_START
  }
}

/** Tells machines apart, and containers on one machine, for which the same process ids mean other processes. */
function identifyMachine(): string {
  const parts = [hostname(), read(() => readlinkSync('/proc/self/ns/pid'))]
  parts.push(read(() => readFileSync('/etc/machine-id', 'latin1')))
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12)
}

function read(source: () => string): string {
  try {
    return source()
  } catch {
    return ''
  }
}

let machineId: string | undefined
let startOfOwn: string | undefined

/** Looked up when it is first needed: most commands that are short never need it. */
function thisMachine(): string {
  machineId ??= identifyMachine()
  return machineId
}

function ownStart(): string {
  startOfOwn ??= startOf(process.pid)
  return startOfOwn
}

/** Tells the threads of one process apart, each of which counts by itself. */
const RUN = randomBytes(4).toString('hex')

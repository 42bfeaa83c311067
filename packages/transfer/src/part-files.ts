import { createHash, randomBytes } from 'node:crypto'
import { openSync, readdirSync, readFileSync, readlinkSync, unlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type { StagedFile, StagingArea } from './atomic-file.js'

/** Folders remembered; if there are more, the oldest is forgotten and will be swept once more. */
const MAX_FOLDERS = 1000

const NAME = /^\.jftp-([0-9a-f]{12})-([1-9]\d{0,9})-(\d+)-[0-9a-f]{8}-\d+\.part$/

/**
 * The hidden files in which downloads gather their bytes, each beside its target. A name says which process
 * owns the file, so that whoever downloads into the same folder later can remove what a killed process left.
 */
export class PartFiles implements StagingArea {
  /** How many more files are made in a folder before it is swept again. */
  readonly #untilSweep = new Map<string, number>()

  /** Makes a part file for `target`, with these permission bits less the umask. Sweeps the folder first if due. */
  create(mode: number, target: string): StagedFile {
    const folder = dirname(target)
    const left = this.#untilSweep.get(folder) ?? 0
    // Sweeping costs a look at each name in the folder, so a large folder is swept less often.
    this.#remember(folder, left > 0 ? left - 1 : sweep(folder))
    const path = join(folder, `.jftp-${MACHINE}-${process.pid}-${STARTED}-${RUN}-${count++}.part`)
    return { fd: openSync(path, 'wx', mode), path }
  }

  #remember(folder: string, untilSweep: number): void {
    const [oldest] = this.#untilSweep.keys()
    if (this.#untilSweep.size >= MAX_FOLDERS && oldest !== undefined && !this.#untilSweep.has(folder)) {
      this.#untilSweep.delete(oldest)
    }
    this.#untilSweep.set(folder, untilSweep)
  }
}

/** Removes the part files of processes that are gone. Returns how many names the folder held. */
function sweep(folder: string): number {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    // If the folder is missing or can't be read, the download itself says what is wrong, if anything is.
    return 0
  }
  for (const name of names) {
    const [, machine, pid = '', started = ''] = NAME.exec(name) ?? []
    // A process of another machine that shares this folder can't be asked whether it still runs.
    if (machine !== MACHINE || isRunning(Number(pid), started)) continue
    try {
      unlinkSync(join(folder, name))
    } catch {
      // Another download has removed it already, or this user may not.
    }
  }
  return names.length
}

function isRunning(pid: number, started: string): boolean {
  if (pid === process.pid) return started === STARTED
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
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

const MACHINE = identifyMachine()
const STARTED = startOf(process.pid)
/** Tells the threads of one process apart, each of which counts by itself. */
const RUN = randomBytes(4).toString('hex')
let count = 0

import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export const WORKLOADS = ['big', 'many', 'start', 'wan', 'disk', 'memory', 'idle'] as const
export type WorkloadName = (typeof WORKLOADS)[number]

/** What one run of the bench does: every flag checked. */
export interface Settings {
  readonly rounds: number
  /** Bytes of the big random file. */
  readonly size: number
  /** Bytes of the sparse file of the memory workload. */
  readonly sparseSize: number
  /** Small files of the many-files workload. */
  readonly files: number
  /** Rounds over a link with delay, where each takes long. */
  readonly wanRounds: number
  /** Small files moved over it. */
  readonly wanFiles: number
  /** Bytes of the file fetched over it while packets are lost. */
  readonly wanSize: number
  /** Idle connections held at once. */
  readonly connections: number
  readonly only: readonly WorkloadName[]
  /** The folder the run makes its own folder in. */
  readonly dir: string
  /** A folder on a disk, for the workload `disk`. */
  readonly disk: string | undefined
  /** Another checkout of this repository, built, that takes part in big, many and start: the figures before a change. */
  readonly beside: string | undefined
  /** Where the figures are kept as JSON. */
  readonly json: string
  /** `publish` also writes the figures into docs/. */
  readonly output: 'print' | 'publish'
}

export const USAGE = `usage: pnpm bench [--quick] [--only ${WORKLOADS.join(',')}]
                  [--rounds N] [--size 2GiB] [--sparse-size 5GiB] [--files N] [--connections N]
                  [--dir DIR] [--disk DIR] [--beside CHECKOUT] [--json FILE] [--publish]

  --quick          everything, smaller, in about two minutes
  --dir DIR        where the files are, of all workloads but disk; in memory by default
  --disk DIR       also measure big and many files in a folder of a disk
  --beside DIR     with another checkout of this repository, built: what a change has cost or gained
  --publish        write the figures into docs/`

/** For a whole run. */
const FULL = {
  rounds: '5',
  size: '2GiB',
  sparseSize: '5GiB',
  files: '10000',
  connections: '5000',
  wanRounds: 3,
  wanFiles: 1000,
  wanSize: 100e6,
}

/** For --quick. */
const QUICK: typeof FULL = {
  rounds: '2',
  size: '256MiB',
  sparseSize: '256MiB',
  files: '2000',
  connections: '1000',
  wanRounds: 1,
  wanFiles: 200,
  wanSize: 5e6,
}

export type CommandLine =
  | { readonly type: 'run'; readonly settings: Settings }
  | { readonly type: 'help' }
  | { readonly type: 'wrong'; readonly message: string }

export function readCommandLine(argv: readonly string[]): CommandLine {
  if (argv.some((word) => word === '--help' || word === '-h')) return { type: 'help' }
  try {
    return { type: 'run', settings: readSettings(argv) }
  } catch (error) {
    // Thrown by parseArgs for unknown flags, and below for values: the message is for the reader.
    return { type: 'wrong', message: error instanceof Error ? error.message : String(error) }
  }
}

function readSettings(argv: readonly string[]): Settings {
  const { values } = parseArgs({
    // `pnpm bench -- --rounds 3` hands the dashes on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      size: { type: 'string' },
      'sparse-size': { type: 'string' },
      files: { type: 'string' },
      connections: { type: 'string' },
      disk: { type: 'string' },
      only: { type: 'string', default: WORKLOADS.join(',') },
      // In memory, so that the disk is not what is measured.
      dir: { type: 'string', default: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() },
      beside: { type: 'string' },
      json: { type: 'string', default: fileURLToPath(new URL('../results/latest.json', import.meta.url)) },
      publish: { type: 'boolean', default: false },
    },
  })
  const defaults = values.quick ? QUICK : FULL
  const rounds = wholeNumber('--rounds', values.rounds ?? defaults.rounds)
  return {
    rounds,
    wanRounds: Math.min(defaults.wanRounds, rounds),
    wanFiles: defaults.wanFiles,
    wanSize: defaults.wanSize,
    size: bytes('--size', values.size ?? defaults.size),
    sparseSize: bytes('--sparse-size', values['sparse-size'] ?? defaults.sparseSize),
    files: wholeNumber('--files', values.files ?? defaults.files),
    connections: wholeNumber('--connections', values.connections ?? defaults.connections),
    disk: values.disk === undefined ? undefined : folder('--disk', values.disk),
    only: values.only.split(',').map(workload),
    dir: folder('--dir', values.dir),
    beside: values.beside === undefined ? undefined : checkout(values.beside),
    json: values.json,
    output: values.publish ? 'publish' : 'print',
  }
}

function folder(flag: string, path: string): string {
  if (existsSync(path)) return path
  throw new Error(`${flag} ${path}: there is no such folder`)
}

function wholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new Error(`${flag} ${text}: a whole number above 0 is needed`)
}

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

function bytes(flag: string, text: string): number {
  const [, digits, unit = ''] = /^([1-9]\d*)([KMG]iB)?$/.exec(text) ?? []
  if (digits !== undefined) return Number(digits) * (UNITS[unit] ?? 1)
  throw new Error(`${flag} ${text}: bytes are needed, as in 512MiB or 2GiB`)
}

function checkout(folder: string): string {
  if (existsSync(join(folder, 'bench/dist/run.js'))) return resolve(folder)
  throw new Error(
    `--beside ${folder}: a built checkout is needed; run 'pnpm install && pnpm build' there first`,
  )
}

function workload(name: string): WorkloadName {
  const found = WORKLOADS.find((each) => each === name)
  if (found !== undefined) return found
  throw new Error(`--only ${name}: choose of ${WORKLOADS.join(', ')}`)
}

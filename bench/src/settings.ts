import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export const WORKLOADS = ['big', 'many', 'start', 'memory', 'idle'] as const
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
  /** Idle connections held at once. */
  readonly connections: number
  readonly only: readonly WorkloadName[]
  /** The folder the run makes its own folder in. */
  readonly dir: string
  /** Another checkout of this repository, built, that takes part in all contests: the figures before a change. */
  readonly beside: string | undefined
  /** Where the figures are kept as JSON. */
  readonly json: string
  /** `publish` also writes the figures into docs/. */
  readonly output: 'print' | 'publish'
}

export const USAGE = `usage: pnpm bench [--rounds N] [--size 2GiB] [--sparse-size 5GiB] [--files N]
                  [--connections N] [--only ${WORKLOADS.join(',')}] [--dir DIR]
                  [--beside CHECKOUT] [--json FILE] [--publish]`

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
      rounds: { type: 'string', default: '5' },
      size: { type: 'string', default: '2GiB' },
      'sparse-size': { type: 'string', default: '5GiB' },
      files: { type: 'string', default: '10000' },
      connections: { type: 'string', default: '5000' },
      only: { type: 'string', default: WORKLOADS.join(',') },
      // In memory, so that the disk is not what is measured.
      dir: { type: 'string', default: existsSync('/dev/shm') ? '/dev/shm' : tmpdir() },
      beside: { type: 'string' },
      json: { type: 'string', default: fileURLToPath(new URL('../results/latest.json', import.meta.url)) },
      publish: { type: 'boolean', default: false },
    },
  })
  return {
    rounds: wholeNumber('--rounds', values.rounds),
    size: bytes('--size', values.size),
    sparseSize: bytes('--sparse-size', values['sparse-size']),
    files: wholeNumber('--files', values.files),
    connections: wholeNumber('--connections', values.connections),
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

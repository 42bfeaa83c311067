import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgramCall } from '../command.js'
import type { Contest } from '../contest.js'
import type { Peer } from '../peers/peer.js'
import type { Workbench } from '../workbench.js'
import { checkSize, peerContenders } from './peer-contenders.js'
import type { Variant } from './variant.js'

const FOLDER = 'many'
const COPY = 'many-copy'
const SMALLEST = 200
const LARGEST = 16 * 1024
const SLOW_ROUNDS = 2

/** Get and put of a folder of small files; a peer without folder commands sits it out. */
export function smallFileContests(
  workbench: Workbench,
  peers: readonly Peer[],
  { files, rounds, variant }: { files: number; rounds: number; variant: Variant },
): Contest[] {
  const source = join(workbench.local, FOLDER)
  const bytes = writeSmallFiles(source, files)
  cpSync(source, join(workbench.served, FOLDER), { recursive: true })

  type CommandOf = (peer: Peer) => ProgramCall | undefined
  const contest = (direction: 'get' | 'put', folder: string, commandOf: CommandOf): Contest => {
    const copy = join(folder, COPY)
    return {
      id: `${variant.id}many-${direction}`,
      title: `${direction} ${files.toLocaleString('en')} files of 0.2 to 16 KiB${variant.title}`,
      unit: 'files/s',
      amount: files,
      contenders: peerContenders(workbench, peers, commandOf, {
        roundsOf: ({ folderPace }) => (folderPace === 'slow' ? Math.min(SLOW_ROUNDS, rounds) : rounds),
        prepare() {
          // A peer that failed before this one may have left its copy.
          rmSync(copy, { recursive: true, force: true })
          mkdirSync(copy)
        },
        check() {
          const stored = sizeOf(copy)
          rmSync(copy, { recursive: true })
          checkSize(stored, bytes)
        },
      }),
    }
  }
  return [
    contest('get', workbench.local, (peer) => peer.getFolder?.(FOLDER, join(workbench.local, COPY))),
    contest('put', workbench.served, (peer) => peer.putFolder?.(source, COPY)),
  ]
}

/** Resolves to the bytes written in all. */
export function writeSmallFiles(folder: string, count: number): number {
  mkdirSync(folder)
  const pool = randomBytes(4 * LARGEST)
  let total = 0
  for (let index = 0; index < count; index++) {
    // Sizes spread evenly, the same in every run.
    const size = SMALLEST + Math.floor(((index * 7919) % count) * ((LARGEST - SMALLEST) / count))
    const offset = index % (pool.length - size)
    writeFileSync(join(folder, `file-${index}.bin`), pool.subarray(offset, offset + size))
    total += size
  }
  return total
}

/** Bytes of all files in a folder and below it. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((total, entry) => {
    return entry.isFile() ? total + statSync(join(entry.parentPath, entry.name)).size : total
  }, 0)
}

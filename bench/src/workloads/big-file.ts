import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgramCall } from '../command.js'
import type { Contest } from '../contest.js'
import type { Peer } from '../peers/peer.js'
import type { Workbench } from '../workbench.js'
import { checkSize, peerContenders } from './peer-contenders.js'
import { linkOrCopy, writeRandomFile } from './random-file.js'
import { checkRoom } from './space.js'
import type { Variant } from './variant.js'

const FILE = 'big.bin'
const COPY = 'big-copy.bin'

/** Get and put of one big random file, each tool as a whole process from start to exit. */
export function bigFileContests(
  workbench: Workbench,
  peers: readonly Peer[],
  { size, rounds, variant }: { size: number; rounds: number; variant: Variant },
): Contest[] {
  checkRoom(workbench.folder, 2 * size)
  const source = join(workbench.local, FILE)
  writeRandomFile(source, size)
  linkOrCopy(source, join(workbench.served, FILE))

  type CommandOf = (peer: Peer) => ProgramCall | undefined
  const contest = (direction: 'get' | 'put', folder: string, commandOf: CommandOf): Contest => {
    const copy = join(folder, COPY)
    return {
      id: `${variant.id}big-${direction}`,
      title: `${direction} one random file of ${(size / 2 ** 30).toFixed(2)} GiB${variant.title}`,
      unit: 'MB/s',
      amount: size / 1e6,
      contenders: peerContenders(workbench, peers, commandOf, {
        roundsOf: () => rounds,
        prepare: () => rmSync(copy, { force: true }),
        check() {
          const stored = statSync(copy).size
          rmSync(copy)
          checkSize(stored, size)
        },
      }),
    }
  }
  return [
    contest('get', workbench.local, (peer) => peer.get(FILE, join(workbench.local, COPY))),
    contest('put', workbench.served, (peer) => peer.put?.(source, COPY)),
  ]
}

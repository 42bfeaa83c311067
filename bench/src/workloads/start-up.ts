import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender, Contest } from '../contest.js'
import { programOf } from '../peers/ftpd.js'
import type { Peer } from '../peers/peer.js'
import type { Workbench } from '../workbench.js'
import { peerContenders, withDefaultDigest } from './peer-contenders.js'

/** These take milliseconds, so more rounds cost little and calm the median. */
const ROUNDS_FOR_ONE = 4

/** What it costs to start: the bare command, and one small file to loopback. */
export function startUpContests(
  workbench: Workbench,
  peers: readonly Peer[],
  { rounds, beside }: { rounds: number; beside: string | undefined },
): Contest[] {
  const often = rounds * ROUNDS_FOR_ONE
  const bare = (name: string, maker: Contender['maker'], ...args: string[]): Contender => ({
    name,
    maker,
    rounds: often,
    prepare() {},
    go: () => workbench.time({ program: process.execPath, args }),
    check() {},
  })
  const small = join(workbench.local, 'small.txt')
  writeFileSync(small, 'x'.repeat(1024))
  const target = join(workbench.served, 'small-copy.txt')
  return [
    {
      id: 'start',
      title: 'start and end without work',
      unit: 'ms',
      amount: 1,
      contenders: [
        bare('ftp --version', 'jftp', programOf('ftp'), '--version'),
        ...(beside === undefined
          ? []
          : [bare('beside: ftp --version', 'other', programOf('ftp', beside), '--version')]),
        bare('node -e 0', 'other', '-e', '0'),
      ],
    },
    {
      id: 'one-put',
      title: 'put one file of 1 KiB',
      unit: 'ms',
      amount: 1,
      contenders: [
        ...peerContenders(
          workbench,
          withDefaultDigest(peers),
          (peer) => peer.put?.(small, 'small-copy.txt'),
          // This throws if the copy is not there.
          { roundsOf: () => often, check: () => rmSync(target) },
        ),
        bare('node -e 0', 'other', '-e', '0'),
      ],
    },
  ]
}

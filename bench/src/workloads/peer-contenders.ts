import type { ProgramCall } from '../command.js'
import type { Contender } from '../contest.js'
import type { Peer } from '../peers/peer.js'
import type { Workbench } from '../workbench.js'

interface PeerRounds extends Partial<Pick<Contender, 'prepare'>>, Pick<Contender, 'check'> {
  roundsOf(peer: Peer): number
}

/** The peers that can do it, each as a whole process from start to exit; a peer without a command is left out. */
export function peerContenders(
  workbench: Workbench,
  peers: readonly Peer[],
  commandOf: (peer: Peer) => ProgramCall | undefined,
  { roundsOf, prepare = () => {}, check }: PeerRounds,
): Contender[] {
  return peers.flatMap((peer) => {
    const command = commandOf(peer)
    if (command === undefined) return []
    const { name, maker } = peer
    return { name, maker, rounds: roundsOf(peer), prepare, go: () => workbench.time(command), check }
  })
}

/** jftp and rsync with one digest each: what a digest costs does not show in one small file. */
export function withDefaultDigest(peers: readonly Peer[]): Peer[] {
  return peers.filter(({ name }) => !/ (sha256|blake3|none|xxh128|kept)$/.test(name))
}

export function checkSize(stored: number, size: number): void {
  if (stored !== size) throw new Error(`stored ${stored} of ${size} bytes`)
}

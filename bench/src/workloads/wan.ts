import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contest, Result } from '../contest.js'
import type { Peer } from '../peers/peer.js'
import { startPeers } from '../peers/roster.js'
import { Attempts } from '../skip.js'
import { WanLink } from '../wan-link.js'
import { Workbench } from '../workbench.js'
import { checkSize, peerContenders, withDefaultDigest } from './peer-contenders.js'
import { writeRandomFile } from './random-file.js'
import { smallFileContests } from './small-files.js'

const RTT = 50
const LOSS = 1

/** These need minutes for what others do in a second: they wait for each file. */
const TOO_SLOW = ['scp', 'sftp']

export interface WanOptions {
  readonly dir: string
  readonly rounds: number
  readonly files: number
  /** Bytes of the file that is fetched while packets are lost. */
  readonly size: number
}

type Hold = (contest: Contest) => Promise<Result>

/** Small files and one file over a link with a round trip of 50 ms, and a larger one while packets are lost. */
export async function wanResults(attempts: Attempts, options: WanOptions, hold: Hold): Promise<Result[]> {
  return [...(await delayed(attempts, options, hold)), ...(await lossy(attempts, options, hold))]
}

async function delayed(
  attempts: Attempts,
  { dir, rounds, files }: WanOptions,
  hold: Hold,
): Promise<Result[]> {
  return overLink(dir, 0, attempts, async (workbench, peers) => {
    const variant = { id: 'wan-', title: ` at ${RTT} ms` }
    const quick = peers.filter(({ name }) => !TOO_SLOW.includes(name))
    const results: Result[] = []
    for (const contest of smallFileContests(workbench, quick, { files, rounds, variant })) {
      results.push(await hold(contest))
    }
    results.push(
      await hold(oneFile(workbench, peers, 'get', rounds)),
      await hold(oneFile(workbench, peers, 'put', rounds)),
    )
    return results
  })
}

/** From the command to its exit, with all that a connection costs. */
function oneFile(
  workbench: Workbench,
  peers: readonly Peer[],
  direction: 'get' | 'put',
  rounds: number,
): Contest {
  const folder = direction === 'get' ? workbench.local : workbench.served
  const copy = join(folder, 'one-copy.txt')
  const source = join(workbench.local, 'one.txt')
  for (const each of [workbench.local, workbench.served])
    writeFileSync(join(each, 'one.txt'), 'x'.repeat(4096))
  return {
    id: `wan-one-${direction}`,
    title: `${direction} one file of 4 KiB at ${RTT} ms`,
    unit: 'ms',
    amount: 1,
    contenders: peerContenders(
      workbench,
      withDefaultDigest(peers),
      (peer) => (direction === 'get' ? peer.get('one.txt', copy) : peer.put?.(source, 'one-copy.txt')),
      // This throws if the copy is not there.
      { roundsOf: () => rounds, check: () => rmSync(copy) },
    ),
  }
}

async function lossy(attempts: Attempts, { dir, rounds, size }: WanOptions, hold: Hold): Promise<Result[]> {
  return overLink(dir, LOSS, attempts, async (workbench, peers) => {
    writeRandomFile(join(workbench.served, 'lossy.bin'), size)
    const copy = join(workbench.local, 'lossy-copy.bin')
    const contest: Contest = {
      id: 'wan-lossy',
      title: `get one file of ${size / 1e6} MB over four connections at ${RTT} ms and ${LOSS} % loss`,
      unit: 'MB/s',
      amount: size / 1e6,
      contenders: peerContenders(
        workbench,
        peers.filter(({ name, maker }) => maker === 'other' || name === 'jftp md5'),
        (peer) => peer.getLossy?.('lossy.bin', copy),
        {
          roundsOf: () => rounds,
          prepare: () => rmSync(copy, { force: true }),
          check: () => checkSize(statSync(copy).size, size),
        },
      ),
    }
    return [await hold(contest)]
  })
}

/** Does the work with all peers at the two ends of a link, and takes everything away after it. */
async function overLink(
  dir: string,
  loss: number,
  attempts: Attempts,
  work: (workbench: Workbench, peers: readonly Peer[]) => Promise<Result[]>,
): Promise<Result[]> {
  const site = await WanLink.open({ rtt: RTT, loss })
  const workbench = new Workbench(dir)
  try {
    return await work(workbench, await startPeers(workbench, attempts, { site }))
  } finally {
    await workbench.close()
    await site.close()
  }
}

import { findProgram } from '../command.js'
import { type Attempts, Skip } from '../skip.js'
import type { Workbench } from '../workbench.js'
import { curl } from './curl.js'
import { startBeside, startJftp } from './jftp.js'
import { lftp } from './lftp.js'
import type { Peer } from './peer.js'
import { startRsync } from './rsync.js'
import { startVsftpd } from './vsftpd.js'

/** Starts every server there is, one for all contests. `beside`: another checkout that takes part. */
export async function startPeers(
  workbench: Workbench,
  attempts: Attempts,
  beside: string | undefined,
): Promise<Peer[]> {
  const peers: Peer[] = []
  const join = async (what: string, start: () => Peer[] | Promise<Peer[]>) => {
    peers.push(...((await attempts.attempt(what, start)) ?? []))
  }
  await join('jftp', () => startJftp(workbench))
  if (beside !== undefined) await join(beside, () => startBeside(workbench, beside))
  await join('rsync', () => startRsync(workbench, installed('rsync')))
  await join('curl and lftp', async () => {
    const url = await startVsftpd(workbench, installed('vsftpd'))
    await join('curl', () => [curl(installed('curl'), url)])
    await join('lftp', () => [lftp(installed('lftp'), url)])
    return []
  })
  return peers
}

function installed(name: string): string {
  const program = findProgram(name)
  if (program === undefined) throw new Skip(`${name} is not installed`)
  return program
}

import { findProgram } from '../command.js'
import type { Workbench } from '../workbench.js'
import { curl } from './curl.js'
import { startBeside, startJftp } from './jftp.js'
import { lftp } from './lftp.js'
import type { Peer, Skipped } from './peer.js'
import { startRsync } from './rsync.js'
import { startVsftpd } from './vsftpd.js'

export interface Roster {
  readonly peers: readonly Peer[]
  readonly skipped: readonly Skipped[]
}

/** Starts every server there is, one for all contests; says what is missing. `beside`: another checkout that takes part. */
export async function startPeers(workbench: Workbench, beside: string | undefined): Promise<Roster> {
  const peers: Peer[] = []
  const skipped: Skipped[] = []
  const join = async (what: string, start: () => Peer[] | Promise<Peer[]>) => {
    try {
      peers.push(...(await start()))
    } catch (error) {
      skipped.push({ what, why: error instanceof Error ? error.message : String(error) })
    }
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
  return { peers, skipped }
}

function installed(name: string): string {
  const program = findProgram(name)
  if (program === undefined) throw new Error(`${name} is not installed`)
  return program
}

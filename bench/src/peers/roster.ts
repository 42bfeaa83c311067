import { findProgram } from '../command.js'
import { LOOPBACK, type Site } from '../site.js'
import { type Attempts, Skip } from '../skip.js'
import type { Workbench } from '../workbench.js'
import { startBeside } from './beside.js'
import { curl } from './curl.js'
import { startJftp } from './jftp.js'
import { lftp } from './lftp.js'
import { startOpenssh } from './openssh.js'
import type { Peer } from './peer.js'
import { startRsync } from './rsync.js'
import { startVsftpd } from './vsftpd.js'

/** Starts every server there is at a site. `beside`: another checkout that takes part. */
export async function startPeers(
  workbench: Workbench,
  attempts: Attempts,
  { site = LOOPBACK, beside }: { site?: Site; beside?: string | undefined },
): Promise<Peer[]> {
  const peers: Peer[] = []
  const join = async (what: string, start: () => Peer[] | Promise<Peer[]>) => {
    peers.push(...((await attempts.attempt(what, start, 'other')) ?? []))
  }
  peers.push(...((await attempts.attempt('jftp', () => startJftp(workbench, site))) ?? []))
  if (beside !== undefined) await join(beside, () => startBeside(workbench, site, attempts, beside))
  await join('rsync', () => startRsync(workbench, site, installed('rsync')))
  await join('curl and lftp', async () => {
    const url = await startVsftpd(workbench, site, installed('vsftpd'))
    await join('curl', () => [curl(installed('curl'), url)])
    await join('lftp', () => [lftp(installed('lftp'), url)])
    return []
  })
  await join('scp and sftp', () => {
    const programs = { sshd: installed('sshd'), keygen: installed('ssh-keygen') }
    return startOpenssh(workbench, site, { ...programs, scp: installed('scp'), sftp: installed('sftp') })
  })
  return peers.map((peer) => at(site, peer))
}

/** The peer, its commands run where the clients of a site are. */
function at(site: Site, peer: Peer): Peer {
  const { put, getLossy, getFolder, putFolder } = peer
  return {
    ...peer,
    get: (name, target) => site.client(peer.get(name, target)),
    ...(put && { put: (source: string, name: string) => site.client(put(source, name)) }),
    ...(getLossy && { getLossy: (name: string, target: string) => site.client(getLossy(name, target)) }),
    ...(getFolder && { getFolder: (name: string, target: string) => site.client(getFolder(name, target)) }),
    ...(putFolder && { putFolder: (source: string, name: string) => site.client(putFolder(source, name)) }),
  }
}

function installed(name: string): string {
  const program = findProgram(name)
  if (program === undefined) throw new Skip(`${name} is not installed`)
  return program
}

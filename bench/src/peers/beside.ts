import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Site } from '../site.js'
import { type Attempts, Skip } from '../skip.js'
import type { Workbench } from '../workbench.js'
import { programOf, startFtpd } from './ftpd.js'
import { DIGESTS, type DigestName, FOLDER_DIGESTS, jftp } from './jftp.js'
import type { Peer } from './peer.js'

/**
 * Another checkout of jftp, so that the two are measured in turns. It may be older than what is measured here: what it
 * lacks is skipped.
 */
export async function startBeside(
  workbench: Workbench,
  site: Site,
  attempts: Attempts,
  checkout: string,
): Promise<Peer[]> {
  const [ftp, get, ftpd] = await Promise.all([
    helpOf(checkout, 'ftp'),
    helpOf(checkout, 'ftp', 'get'),
    helpOf(checkout, 'ftpd'),
  ])
  // As for the checkout that is measured: both ends are to digest every byte.
  const options = ftpd.includes('--no-keep-digests') ? ['--no-keep-digests'] : []
  const { url } = await startFtpd(workbench, { site, checkout, options })
  const peers: Peer[] = []
  for (const digest of DIGESTS) {
    const name = `beside: ${digest}`
    const peer: Peer = { ...jftp(checkout, url, digest), name, maker: 'other' }
    await attempts.attempt(name, () => {
      if (!ftp.includes(digest)) throw new Skip(`${checkout} has no such digest`)
      peers.push(get.includes('--recursive') ? peer : withoutFolders(peer, checkout, url, digest))
    })
  }
  await attempts.attempt('beside: folders', () => {
    if (peers.every(({ getFolder }) => getFolder === undefined))
      throw new Skip(`${checkout} can't move folders`)
  })
  return peers
}

async function helpOf(checkout: string, program: 'ftp' | 'ftpd', ...command: string[]): Promise<string> {
  const words = [programOf(program, checkout), ...command, '--help']
  const { stdout } = await promisify(execFile)(process.execPath, words)
  return stdout
}

/** Before `get -r` there was a program of the bench that moved the files of one folder, with md5. */
function withoutFolders(
  { getFolder: _, putFolder: __, ...peer }: Peer,
  checkout: string,
  url: string,
  digest: DigestName,
): Peer {
  const program = join(checkout, 'bench/dist/pipelined.js')
  if (digest !== FOLDER_DIGESTS[0] || !existsSync(program)) return peer
  const pipelined = (direction: 'get' | 'put', name: string, folder: string) => ({
    program: process.execPath,
    args: [program, direction, url, `/${name}`, folder],
  })
  return {
    ...peer,
    getFolder: (name, target) => pipelined('get', name, target),
    putFolder: (source, name) => pipelined('put', name, source),
  }
}

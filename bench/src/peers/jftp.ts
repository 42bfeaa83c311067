import type { Site } from '../site.js'
import type { Workbench } from '../workbench.js'
import { programOf, startFtpd, THIS_CHECKOUT } from './ftpd.js'
import type { Peer } from './peer.js'

export const DIGESTS = ['md5', 'sha256', 'blake3', 'xxh128', 'none'] as const

export type DigestName = (typeof DIGESTS)[number]

/** Digests with which folders are moved: the default one, and the fastest. */
export const FOLDER_DIGESTS: readonly DigestName[] = ['md5', 'blake3']

/** The command `ftp` against `ftpd`, once for each digest, and once with the digest of a get that ftpd has kept. */
export async function startJftp(workbench: Workbench, site: Site): Promise<Peer[]> {
  // Otherwise only the first round would be checked at both ends: later ones would send a digest that was kept.
  const { url } = await startFtpd(workbench, { site, options: ['--no-keep-digests'] })
  const keeping = await startFtpd(workbench, { site })
  const peers = DIGESTS.map((digest): Peer => {
    return { ...jftp(THIS_CHECKOUT, url, digest), name: `jftp ${digest}`, maker: 'jftp' }
  })
  const { get } = jftp(THIS_CHECKOUT, keeping.url, 'md5')
  return [...peers, { name: 'jftp md5 kept', maker: 'jftp', get }]
}

/** The commands of a checkout, against its ftpd at `url`. */
export function jftp(checkout: string, url: string, digest: DigestName): Omit<Peer, 'name' | 'maker'> {
  const ftp = (...args: string[]) => ({
    program: process.execPath,
    args: [programOf('ftp', checkout), ...args, '--digest', digest],
  })
  const files: Omit<Peer, 'name' | 'maker'> = {
    get: (name, target) => ftp('get', `${url}${name}`, '-o', target),
    put: (source, name) => ftp('put', source, `${url}${name}`),
    getLossy: (name, target) => ftp('get', '--segments', '4', `${url}${name}`, '-o', target),
  }
  if (!FOLDER_DIGESTS.includes(digest)) return files
  return {
    ...files,
    getFolder: (name, target) => ftp('get', '-r', `${url}${name}`, '-O', target),
    putFolder: (source, name) => ftp('put', '-r', source, '-O', `${url}${name}`),
  }
}

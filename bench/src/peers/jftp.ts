import type { Site } from '../site.js'
import type { Workbench } from '../workbench.js'
import { programOf, startFtpd, THIS_CHECKOUT } from './ftpd.js'
import type { Peer } from './peer.js'
import { makeCertificate } from './tls.js'

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
  return [...peers, { name: 'jftp md5 kept', maker: 'jftp', get }, ...(await startWithTls(workbench, site))]
}

/** Digests with which TLS is measured: with others the digest takes longer than the encryption. */
const TLS_DIGESTS: readonly DigestName[] = ['blake3', 'none']

async function startWithTls(workbench: Workbench, site: Site): Promise<Peer[]> {
  const { options, pin } = makeCertificate(workbench.folder)
  const { url } = await startFtpd(workbench, { site, options: ['--no-keep-digests', ...options] })
  return TLS_DIGESTS.map((digest): Peer => {
    const { get, put } = jftp(THIS_CHECKOUT, url, digest, ['--pin', pin])
    return { name: `jftp tls ${digest}`, maker: 'jftp', get, ...(put && { put }) }
  })
}

/** The commands of a checkout, against its ftpd at `url`. */
export function jftp(
  checkout: string,
  url: string,
  digest: DigestName,
  flags: readonly string[] = [],
): Omit<Peer, 'name' | 'maker'> {
  const ftp = (...args: string[]) => ({
    program: process.execPath,
    args: [programOf('ftp', checkout), ...args, '--digest', digest, ...flags],
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

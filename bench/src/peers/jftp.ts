import { join } from 'node:path'
import type { Workbench } from '../workbench.js'
import { programOf, startFtpd, THIS_CHECKOUT } from './ftpd.js'
import type { Peer } from './peer.js'

const DIGESTS = ['md5', 'sha256', 'blake3', 'xxh128', 'none'] as const

type DigestName = (typeof DIGESTS)[number]

/** The command `ftp` against `ftpd`, once for each digest; many files go by the library. */
export async function startJftp(workbench: Workbench): Promise<Peer[]> {
  const { url } = await startFtpd(workbench)
  return DIGESTS.map((digest) => ({
    ...jftp(THIS_CHECKOUT, url, digest),
    name: `jftp ${digest}`,
    maker: 'jftp',
  }))
}

/** Another checkout of jftp, so that the two are measured in turns. */
export async function startBeside(workbench: Workbench, checkout: string): Promise<Peer[]> {
  const { url } = await startFtpd(workbench, { checkout })
  return DIGESTS.map((digest) => ({
    ...jftp(checkout, url, digest),
    name: `beside: ${digest}`,
    maker: 'other',
  }))
}

function jftp(checkout: string, url: string, digest: DigestName): Omit<Peer, 'name' | 'maker'> {
  const ftp = (...args: string[]) => ({
    program: process.execPath,
    args: [programOf('ftp', checkout), ...args, '--digest', digest],
  })
  const peer = {
    get: (name: string, target: string) => ftp('get', `${url}${name}`, '-o', target),
    put: (source: string, name: string) => ftp('put', source, `${url}${name}`),
  }
  if (digest !== 'md5') return peer
  return {
    ...peer,
    getFolder: (name, target) => pipelined('get', url, name, target, checkout),
    putFolder: (source, name) => pipelined('put', url, name, source, checkout),
  }
}

export function pipelined(
  direction: 'get' | 'put',
  url: string,
  name: string,
  folder: string,
  checkout = THIS_CHECKOUT,
) {
  const program = join(checkout, 'bench/dist/pipelined.js')
  return { program: process.execPath, args: [program, direction, url, `/${name}`, folder] }
}

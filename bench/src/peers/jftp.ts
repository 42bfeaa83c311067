import { fileURLToPath } from 'node:url'
import type { Workbench } from '../workbench.js'
import { programOf, startFtpd } from './ftpd.js'
import type { Peer } from './peer.js'

/** The command `ftp` against `ftpd`, once for each digest; many files go by the library. */
export async function startJftp(workbench: Workbench): Promise<Peer[]> {
  const { url } = await startFtpd(workbench)
  return (['md5', 'sha256', 'none'] as const).map((digest) => jftp(url, digest))
}

function jftp(url: string, digest: 'md5' | 'sha256' | 'none'): Peer {
  const ftp = (...args: string[]) => ({
    program: process.execPath,
    args: [programOf('ftp'), ...args, '--digest', digest],
  })
  const peer: Peer = {
    name: `jftp ${digest}`,
    maker: 'jftp',
    get: (name, target) => ftp('get', `${url}${name}`, target),
    put: (source, name) => ftp('put', source, `${url}${name}`),
  }
  if (digest !== 'md5') return peer
  return {
    ...peer,
    getFolder: (name, target) => pipelined('get', url, name, target),
    putFolder: (source, name) => pipelined('put', url, name, source),
  }
}

export function pipelined(direction: 'get' | 'put', url: string, name: string, folder: string) {
  const program = fileURLToPath(new URL('../pipelined.js', import.meta.url))
  return { program: process.execPath, args: [program, direction, url, `/${name}`, folder] }
}

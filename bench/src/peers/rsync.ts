import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, untilListening } from '../port.js'
import type { Site } from '../site.js'
import type { Workbench } from '../workbench.js'
import type { Peer } from './peer.js'

/** rsync against its daemon: no ssh in between, whole files, in place; with md5 and with its own default. */
export async function startRsync(workbench: Workbench, site: Site, program: string): Promise<Peer[]> {
  const port = await freePort()
  const config = join(workbench.folder, `rsyncd-${port}.conf`)
  writeFileSync(config, configuration(site.host, port, workbench.served))
  const args = ['--daemon', '--no-detach', `--config=${config}`, '--log-file=/dev/null']
  await untilListening(workbench.start(site.server({ program, args })), port)
  const url = `rsync://${site.host}:${port}/served/`
  return [rsync(program, url, 'md5'), rsync(program, url, 'xxh128')]
}

function rsync(program: string, url: string, checksum: 'md5' | 'xxh128'): Peer {
  const run = (...args: string[]) => ({ program, args: ['-W', `--cc=${checksum}`, ...args] })
  return {
    name: `rsync ${checksum}`,
    maker: 'other',
    get: (name, target) => run('--inplace', `${url}${name}`, target),
    put: (source, name) => run('--inplace', source, `${url}${name}`),
    // Without --inplace: each small file then gets its name when it is whole, as with jftp.
    getFolder: (name, target) => run('-r', `${url}${name}/`, `${target}/`),
    putFolder: (source, name) => run('-r', `${source}/`, `${url}${name}/`),
  }
}

function configuration(host: string, port: number, served: string): string {
  const asRoot = process.getuid?.() === 0 ? 'uid = 0\ngid = 0\n' : ''
  // A reverse lookup may take seconds and has nothing to do with transfers.
  return `address = ${host}
port = ${port}
use chroot = no
reverse lookup = no
${asRoot}[served]
path = ${served}
read only = no
`
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, untilListening } from '../port.js'
import type { Site } from '../site.js'
import type { Workbench } from '../workbench.js'

/** Starts vsftpd on the served folder, open to anonymous; resolves to a URL such as `ftp://127.0.0.1:2121/`. */
export async function startVsftpd(workbench: Workbench, site: Site, program: string): Promise<string> {
  const port = await freePort()
  const config = join(workbench.folder, `vsftpd-${port}.conf`)
  const empty = join(workbench.folder, `empty-${port}`)
  mkdirSync(empty)
  writeFileSync(config, configuration({ host: site.host, port, empty, served: workbench.served }))
  await untilListening(workbench.start(site.server({ program, args: [config] })), port)
  return `ftp://${site.host}:${port}/`
}

interface VsftpdConfig {
  readonly host: string
  readonly port: number
  readonly empty: string
  readonly served: string
}

function configuration({ host, port, empty, served }: VsftpdConfig): string {
  return `listen=YES
listen_address=${host}
listen_port=${port}
pasv_address=${host}
background=NO
run_as_launching_user=YES
secure_chroot_dir=${empty}
seccomp_sandbox=NO
xferlog_enable=NO
local_enable=NO
anonymous_enable=YES
no_anon_password=YES
anon_root=${served}
anon_umask=022
anon_world_readable_only=NO
allow_writeable_chroot=YES
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
`
}

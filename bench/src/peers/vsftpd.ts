import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, untilListening } from '../port.js'
import type { Workbench } from '../workbench.js'

/** Starts vsftpd on the served folder, open to anonymous; resolves to `ftp://127.0.0.1:PORT/`. */
export async function startVsftpd(workbench: Workbench, program: string): Promise<string> {
  const port = await freePort()
  const config = join(workbench.folder, 'vsftpd.conf')
  const empty = join(workbench.folder, 'empty')
  mkdirSync(empty)
  writeFileSync(config, configuration({ port, empty, served: workbench.served }))
  await untilListening(workbench.start({ program, args: [config] }), port)
  return `ftp://127.0.0.1:${port}/`
}

function configuration({ port, empty, served }: { port: number; empty: string; served: string }): string {
  return `listen=YES
listen_address=127.0.0.1
listen_port=${port}
pasv_address=127.0.0.1
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

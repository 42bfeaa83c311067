import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { ProgramCall } from '../command.js'
import { freePort, untilListening } from '../port.js'
import type { Site } from '../site.js'
import type { Workbench } from '../workbench.js'
import type { Peer } from './peer.js'

export interface OpensshPrograms {
  readonly sshd: string
  readonly keygen: string
  readonly scp: string
  readonly sftp: string
}

/** The fastest cipher OpenSSH has on a CPU with AES instructions. */
const CIPHER = 'aes128-gcm@openssh.com'

/** scp and sftp against an sshd of the bench's own, with keys that are made for the run. */
export async function startOpenssh(
  workbench: Workbench,
  site: Site,
  programs: OpensshPrograms,
): Promise<Peer[]> {
  const folder = join(workbench.folder, `openssh-${await freePort()}`)
  mkdirSync(folder, { mode: 0o700 })
  const [hostKey, userKey] = [join(folder, 'host'), join(folder, 'user')]
  for (const key of [hostKey, userKey]) {
    execFileSync(programs.keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  }
  // sshd insists on this folder, for processes without privileges.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const port = await freePort()
  const config = join(folder, 'sshd_config')
  writeFileSync(config, configuration({ host: site.host, port, hostKey, userKey }))
  const command = { program: programs.sshd, args: ['-D', '-e', '-f', config] }
  await untilListening(workbench.start(site.server(command)), port)

  const options = [
    ...['-F', 'none', '-i', userKey, '-P', `${port}`, '-q', '-c', CIPHER],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'],
  ]
  const destination = `${userInfo().username}@${site.host}`
  const remote = (name: string) => join(workbench.served, name)
  const scp = (...args: string[]): ProgramCall => ({ program: programs.scp, args: [...options, ...args] })
  let batches = 0
  const sftp = (line: string): ProgramCall => {
    const batch = join(folder, `batch-${batches++}`)
    writeFileSync(batch, `${line}\n`)
    return { program: programs.sftp, args: ['-b', batch, ...options, destination] }
  }
  return [
    {
      name: 'scp',
      maker: 'other',
      get: (name, target) => scp(`${destination}:${remote(name)}`, target),
      put: (source, name) => scp(source, `${destination}:${remote(name)}`),
      getFolder: (name, target) => scp('-r', `${destination}:${remote(name)}`, target),
      putFolder: (source, name) => scp('-r', source, `${destination}:${remote(name)}`),
      folderPace: 'slow',
    },
    {
      name: 'sftp',
      maker: 'other',
      get: (name, target) => sftp(`get ${remote(name)} ${target}`),
      put: (source, name) => sftp(`put ${source} ${remote(name)}`),
      getFolder: (name, target) => sftp(`get -r ${remote(name)} ${target}`),
      putFolder: (source, name) => sftp(`put -r ${source} ${remote(name)}`),
      folderPace: 'slow',
    },
  ]
}

function configuration(o: { host: string; port: number; hostKey: string; userKey: string }): string {
  return `ListenAddress ${o.host}
Port ${o.port}
HostKey ${o.hostKey}
AuthorizedKeysFile ${o.userKey}.pub
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
UseDNS no
Subsystem sftp internal-sftp
`
}

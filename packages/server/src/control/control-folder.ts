import { mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { removeStaleSocket } from '../stale-socket.js'

/** Where the control sockets of this user's daemons are if nobody says otherwise. */
export function controlFolder(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_RUNTIME_DIR'] || env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return join(base, 'jftp')
}

/** The control sockets in the folder, those of daemons that were killed among them. None if there is no folder. */
export function controlSockets(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^ftpd-\d+\.sock$/.test(name))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

/**
 * A path for this daemon's control socket, which no other living daemon has, because it holds the process id. The
 * sockets of daemons that were killed are removed. Throws the system's error if the folder can't be made.
 */
export async function ownControlSocket(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const path of controlSockets(folder)) await removeStaleSocket(path)
  return join(folder, `ftpd-${process.pid}.sock`)
}

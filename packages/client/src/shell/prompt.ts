import type { RemoteSession } from '../commands/remote-session.js'

/** `host:/cwd> `, or `ftp> ` where no server is known. */
export function promptOf(remote: RemoteSession): string {
  return `${remote.label ?? 'ftp'}> `
}

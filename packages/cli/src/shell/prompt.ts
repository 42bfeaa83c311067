import type { RemoteSession } from '../locations/remote-session.js'

/** `host:/cwd> `, or `ftp> ` if no server is known. */
export function promptOf(remote: RemoteSession): string {
  return `${remote.label ?? 'ftp'}> `
}

import type { RemoteSession } from '../locations/remote-session.js'
import { shortenMiddle } from '../text/display-width.js'

/** `host:/cwd> `, or `ftp> ` if no server is known. A longer one is shortened to `width` columns. */
export function promptOf(remote: RemoteSession, width = Number.POSITIVE_INFINITY): string {
  return `${shortenMiddle(remote.label ?? 'ftp', width - 2)}> `
}

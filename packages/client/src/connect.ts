import type { ConnectOptions } from './call-options.js'
import type { FtpClient } from './client.js'

/**
 * Connects to `jftp://[user@]host[:9021]` and logs in; a path in the URL is ignored.
 *
 *     await using client = await connect('jftp://files.example')
 */
export function connect(_url: string | URL, _options: ConnectOptions = {}): Promise<FtpClient> {
  throw new Error('to come')
}

import type { DigestAlgorithm } from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import type { ServerTrust } from '../trust/server-trust.js'
import type { Credentials } from './credentials.js'

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  /** Decides about the server's certificate. Undefined if the connection has no TLS. */
  readonly trust: ServerTrust | undefined
  readonly user: string
  readonly credentials: Credentials
  /** The digest of transfers that do not ask for another one. */
  readonly digest: DigestAlgorithm
  /** Milliseconds that a logged-in client waits for something to move. */
  readonly stallTimeout: number
  readonly limitRate: RateLimit | undefined
}

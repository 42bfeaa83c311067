import type { DigestAlgorithm } from '@jftp/protocol'
import type { RateLimit } from '@jftp/transfer'
import type { Credentials } from './credentials.js'

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly credentials: Credentials
  /** The digest of transfers that do not ask for another one. */
  readonly digest: DigestAlgorithm
  /** Milliseconds that a logged-in client waits for something to move. */
  readonly stallTimeout: number
  readonly limitRate: RateLimit | undefined
}

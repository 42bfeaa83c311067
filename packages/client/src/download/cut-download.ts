import type { FtpError } from '../errors/ftp-error.js'
import type { FtpErrorCode } from '../errors/ftp-error-code.js'

const CUT: readonly FtpErrorCode[] = [
  'cancelled',
  'cancelled-by-server',
  'closed',
  'connection-lost',
  'protocol-error',
  'shutting-down',
  'timeout',
  'unreachable',
]

/**
 * Whether a download that failed with `error` merely stopped. If so, nothing speaks against the bytes that came, and
 * they are kept to be continued.
 */
export function isCut(error: FtpError): boolean {
  return CUT.includes(error.code)
}

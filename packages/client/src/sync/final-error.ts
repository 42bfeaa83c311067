import type { FtpError } from '../errors/ftp-error.js'
import type { FtpErrorCode } from '../errors/ftp-error-code.js'

/** After these there is no connection that another transfer could use. Codes such as `busy` are about one file. */
const FINAL_CODES: readonly FtpErrorCode[] = [
  'cancelled',
  'closed',
  'connection-lost',
  'connection-refused',
  'unknown-host',
  'unreachable',
  'timeout',
  'shutting-down',
  'too-many-connections',
  'login-required',
  'login-failed',
  'not-jftp',
  'protocol-error',
]

export function isFinal({ code }: FtpError): boolean {
  return FINAL_CODES.includes(code)
}

import { FtpError } from './ftp-error.js'
import type { FtpErrorCode } from './ftp-error-code.js'

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
  'unknown-certificate',
  'certificate-changed',
  'protocol-error',
]

/** Whether an error is about the whole connection, so that every other call would fail too. */
export function isFinal(error: unknown): boolean {
  return error instanceof FtpError && FINAL_CODES.includes(error.code)
}

import { ERROR_CODES } from '@jftp/protocol'

/**
 * The closed list of what can go wrong for a caller: every error of the wire, and those this side
 * finds by itself. Each has one meaning, one exit code of the `ftp` command and one row in
 * docs/ERRORS.md. `retryable` says whether the same call may succeed later unchanged.
 */
export const FTP_ERROR_CODES = {
  ...ERROR_CODES,
  usage: { exitCode: 2, retryable: false, meaning: 'the call or its URL is malformed' },
  'unknown-host': { exitCode: 3, retryable: true, meaning: 'no such host, or the name service is out' },
  'connection-refused': { exitCode: 3, retryable: true, meaning: 'nothing listens on that port' },
  unreachable: { exitCode: 3, retryable: true, meaning: 'the network has no way to that host' },
  'connection-lost': { exitCode: 3, retryable: true, meaning: 'the connection ended before the answer' },
  closed: { exitCode: 3, retryable: true, meaning: 'this side closed the connection before the answer' },
  'not-jftp': { exitCode: 12, retryable: false, meaning: 'something answers on that port, not in jftp' },
  'local-not-found': { exitCode: 5, retryable: false, meaning: 'there is no such local file or folder' },
  'local-permission': { exitCode: 6, retryable: false, meaning: 'the local system does not allow it' },
  'local-is-a-directory': { exitCode: 2, retryable: false, meaning: 'a local file is needed, not a folder' },
  'local-not-a-directory': { exitCode: 2, retryable: false, meaning: 'a local path leads through a file' },
  'local-not-a-file': { exitCode: 2, retryable: false, meaning: 'a regular local file is needed' },
  'local-exists': { exitCode: 7, retryable: false, meaning: 'the local name is taken' },
  'local-no-space': {
    exitCode: 9,
    retryable: false,
    meaning: 'the local disk is full, or the quota used up',
  },
  'local-io': { exitCode: 1, retryable: false, meaning: 'the local disk, source or sink failed' },
} as const satisfies Record<string, { exitCode: number; retryable: boolean; meaning: string }>

export type FtpErrorCode = keyof typeof FTP_ERROR_CODES

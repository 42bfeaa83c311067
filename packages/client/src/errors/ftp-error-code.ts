import { ERROR_CODES } from '@jftp/protocol'

/**
 * The closed list of what can go wrong for a caller: every error of the wire, and those that the client finds by
 * itself. Each has one meaning and one row in docs/ERRORS.md. `retryable` says whether the same call may succeed
 * later without a change.
 */
export const FTP_ERROR_CODES = {
  ...ERROR_CODES,
  usage: { retryable: false, meaning: 'the call or its URL is malformed' },
  'unknown-host': { retryable: true, meaning: 'no such host, or the name service is out' },
  'connection-refused': { retryable: true, meaning: 'nothing listens on that port' },
  unreachable: { retryable: true, meaning: 'the network has no way to that host' },
  'connection-lost': { retryable: true, meaning: 'the connection ended before the answer' },
  'cancelled-by-server': { retryable: true, meaning: 'the server stopped it, and nobody had asked for that' },
  closed: { retryable: true, meaning: 'this side closed the connection before the answer' },
  'not-jftp': { retryable: false, meaning: 'something answers on that port, not in jftp' },
  'unknown-certificate': { retryable: false, meaning: "nothing vouches for the server's certificate" },
  'certificate-changed': {
    retryable: false,
    meaning: "the server's certificate is not the one that was pinned or remembered",
  },
  'local-not-found': { retryable: false, meaning: 'there is no such local file or folder' },
  'local-permission': { retryable: false, meaning: 'the local system does not allow it' },
  'local-is-a-directory': { retryable: false, meaning: 'a local file is needed, not a folder' },
  'local-not-a-directory': { retryable: false, meaning: 'a local path leads through a file' },
  'local-not-a-file': { retryable: false, meaning: 'a regular local file is needed' },
  'local-exists': { retryable: false, meaning: 'the local name is taken' },
  'local-no-space': {
    retryable: false,
    meaning: 'the local disk is full, or the quota used up',
  },
  'too-many-deletions': { retryable: false, meaning: 'a sync would delete more names than it may' },
  different: { retryable: false, meaning: 'two trees that were compared differ' },
  'local-io': { retryable: false, meaning: 'the local disk, source or sink failed' },
} as const satisfies Record<string, { retryable: boolean; meaning: string }>

/** The code of an FtpError: one of the keys of `FTP_ERROR_CODES`. */
export type FtpErrorCode = keyof typeof FTP_ERROR_CODES

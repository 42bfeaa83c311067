/**
 * The closed list of errors on the wire: each has one meaning, one exit code of the `ftp` command and
 * one row in docs/ERRORS.md. `retryable` says whether the same request may succeed later unchanged.
 */
export const ERROR_CODES = {
  'bad-request': { exitCode: 2, retryable: false, meaning: 'the request is malformed, or its path is' },
  'unknown-command': { exitCode: 12, retryable: false, meaning: 'the server has no such command' },
  unsupported: { exitCode: 12, retryable: false, meaning: 'the server knows of it and cannot do it' },
  'protocol-error': { exitCode: 12, retryable: false, meaning: 'the peer does not speak this protocol' },
  'login-required': { exitCode: 4, retryable: false, meaning: 'the command needs a login first' },
  'login-failed': { exitCode: 4, retryable: false, meaning: 'the login was refused' },
  'permission-denied': { exitCode: 6, retryable: false, meaning: 'this user may not do that there' },
  'not-found': { exitCode: 5, retryable: false, meaning: 'there is nothing under that name' },
  exists: { exitCode: 7, retryable: false, meaning: 'the name is taken' },
  'not-a-directory': { exitCode: 2, retryable: false, meaning: 'a folder is needed and this is none' },
  'is-a-directory': { exitCode: 2, retryable: false, meaning: 'a file is needed and this is a folder' },
  'not-empty': { exitCode: 7, retryable: false, meaning: 'the folder still holds something' },
  'digest-mismatch': { exitCode: 8, retryable: true, meaning: 'the bytes changed on the way' },
  'size-mismatch': { exitCode: 8, retryable: true, meaning: 'more or fewer bytes came than were announced' },
  changed: { exitCode: 7, retryable: true, meaning: 'the file changed while it was read' },
  busy: { exitCode: 3, retryable: true, meaning: 'something else holds it just now' },
  'no-space': { exitCode: 9, retryable: false, meaning: 'the disk is full' },
  'over-quota': { exitCode: 9, retryable: false, meaning: "the user's quota is used up" },
  'too-large': { exitCode: 9, retryable: false, meaning: 'larger than this server or disk takes' },
  'too-many-connections': { exitCode: 3, retryable: true, meaning: 'the server is full' },
  'rate-limited': { exitCode: 3, retryable: true, meaning: 'too many requests in too short a time' },
  timeout: { exitCode: 3, retryable: true, meaning: 'nothing came for too long' },
  cancelled: { exitCode: 130, retryable: true, meaning: 'somebody asked for it to stop' },
  'shutting-down': { exitCode: 3, retryable: true, meaning: 'the server is going away' },
  'io-error': { exitCode: 1, retryable: false, meaning: 'the disk failed' },
  internal: { exitCode: 1, retryable: false, meaning: 'a defect in the server; its log has the cause' },
} as const satisfies Record<string, { exitCode: number; retryable: boolean; meaning: string }>

export type ErrorCode = keyof typeof ERROR_CODES

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}

/**
 * The closed list of errors on the wire. Each code has one meaning and one row in docs/PROTOCOL.md and docs/ERRORS.md.
 * `retryable` says whether the same request may succeed later without a change.
 */
export const ERROR_CODES = {
  'bad-request': { retryable: false, meaning: 'the request or its path is malformed' },
  'unknown-command': { retryable: false, meaning: 'the server has no such command' },
  unsupported: { retryable: false, meaning: 'the server knows the command and cannot do this' },
  'protocol-error': { retryable: false, meaning: 'the peer does not follow this protocol' },
  'login-required': { retryable: false, meaning: 'the command needs a login first' },
  'login-failed': { retryable: false, meaning: 'the login was refused' },
  'permission-denied': { retryable: false, meaning: 'the user may not do this' },
  'not-found': { retryable: false, meaning: 'nothing has this name' },
  exists: { retryable: false, meaning: 'the name is taken' },
  'not-a-directory': { retryable: false, meaning: 'a folder is needed, and this is something else' },
  'is-a-directory': { retryable: false, meaning: 'a file is needed, and this is a folder' },
  'not-empty': { retryable: false, meaning: 'the folder is not empty' },
  'digest-mismatch': { retryable: true, meaning: 'the bytes changed on the way' },
  'size-mismatch': { retryable: true, meaning: 'more or fewer bytes came than were announced' },
  changed: {
    retryable: true,
    meaning: 'the file changed while it was read, or its folder was moved while it was written',
  },
  busy: { retryable: true, meaning: 'something else is using it at the moment' },
  'no-space': { retryable: false, meaning: 'the disk is full' },
  'over-quota': { retryable: false, meaning: "the user's quota is used up" },
  'too-large': { retryable: false, meaning: 'the file is larger than the server or its disk allows' },
  'too-many-connections': { retryable: true, meaning: 'the server has as many connections as it allows' },
  'rate-limited': { retryable: true, meaning: 'too many requests came in too short a time' },
  timeout: { retryable: true, meaning: 'nothing came for too long' },
  cancelled: { retryable: true, meaning: 'somebody cancelled the request' },
  'shutting-down': { retryable: true, meaning: 'the server is being stopped' },
  'io-error': { retryable: false, meaning: 'the disk failed' },
  internal: { retryable: false, meaning: 'the server has a defect; its log has the cause' },
} as const satisfies Record<string, { retryable: boolean; meaning: string }>

export type ErrorCode = keyof typeof ERROR_CODES

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}

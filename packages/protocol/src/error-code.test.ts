import { expect, test } from 'vitest'
import { ERROR_CODES, type ErrorCode, isErrorCode } from './error-code.js'

/** The closed list with its exit codes: a change here is a change for every script that reads them. */
const exitCodes: Record<ErrorCode, number> = {
  'bad-request': 2,
  'unknown-command': 12,
  unsupported: 12,
  'protocol-error': 12,
  'login-required': 4,
  'login-failed': 4,
  'permission-denied': 6,
  'not-found': 5,
  exists: 7,
  'not-a-directory': 2,
  'is-a-directory': 2,
  'not-empty': 7,
  'digest-mismatch': 8,
  'size-mismatch': 8,
  changed: 7,
  busy: 3,
  'no-space': 9,
  'over-quota': 9,
  'too-large': 9,
  'too-many-connections': 3,
  'rate-limited': 3,
  timeout: 3,
  cancelled: 130,
  'shutting-down': 3,
  'io-error': 1,
  internal: 1,
}

test('the list is closed and every code has its exit code', () => {
  const actual = Object.fromEntries(
    Object.entries(ERROR_CODES).map(([code, { exitCode }]) => [code, exitCode]),
  )
  expect(actual).toEqual(exitCodes)
})

test('a code that exits with 3 is worth a retry', () => {
  for (const [code, { exitCode, retryable }] of Object.entries(ERROR_CODES)) {
    if (exitCode === 3) expect(retryable, code).toBe(true)
  }
})

test('each has a meaning of its own, in lower-case words', () => {
  const meanings = Object.values(ERROR_CODES).map(({ meaning }) => meaning)
  expect(new Set(meanings).size).toBe(meanings.length)
  for (const code of Object.keys(ERROR_CODES)) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
})

test('only its own names are codes', () => {
  for (const code of Object.keys(exitCodes)) expect(isErrorCode(code)).toBe(true)
  for (const other of ['', 'toString', '__proto__', 'constructor', 'Not-Found', 'not_found']) {
    expect(isErrorCode(other)).toBe(false)
  }
})

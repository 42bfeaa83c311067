import { expect, test } from 'vitest'
import { ERROR_CODES, type ErrorCode, isErrorCode } from './error-code.js'

/** The closed list, and whether a retry is worth it: a change here is a change for every peer. */
const retryable: Record<ErrorCode, boolean> = {
  'bad-request': false,
  'unknown-command': false,
  unsupported: false,
  'protocol-error': false,
  'login-required': false,
  'login-failed': false,
  'permission-denied': false,
  'not-found': false,
  exists: false,
  'not-a-directory': false,
  'is-a-directory': false,
  'not-empty': false,
  'digest-mismatch': true,
  'size-mismatch': true,
  changed: true,
  busy: true,
  'no-space': false,
  'over-quota': false,
  'too-large': false,
  'too-many-connections': true,
  'rate-limited': true,
  timeout: true,
  cancelled: true,
  'shutting-down': true,
  'io-error': false,
  internal: false,
}

test('the list is closed', () => {
  const actual = Object.fromEntries(Object.entries(ERROR_CODES).map(([code, row]) => [code, row.retryable]))
  expect(actual).toEqual(retryable)
})

test('every code has a meaning of its own and is written in lower-case words', () => {
  const meanings = Object.values(ERROR_CODES).map(({ meaning }) => meaning)
  expect(new Set(meanings).size).toBe(meanings.length)
  for (const code of Object.keys(ERROR_CODES)) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
})

test('names that every object has are not codes', () => {
  for (const code of Object.keys(retryable)) expect(isErrorCode(code)).toBe(true)
  for (const other of ['', 'toString', '__proto__', 'constructor', 'Not-Found', 'not_found']) {
    expect(isErrorCode(other)).toBe(false)
  }
})

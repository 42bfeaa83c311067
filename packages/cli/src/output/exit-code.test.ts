import { FTP_ERROR_CODES, FtpError, type FtpErrorCode } from '@jftp/client'
import { expect, test } from 'vitest'
import { exitCodeOf } from './exit-code.js'

const missing = new FtpError('not-found', 'x')
const refused = new FtpError('permission-denied', 'x')

test('the code all failures agree on, else 1', () => {
  expect(exitCodeOf(undefined)).toBe(0)
  expect(exitCodeOf(missing)).toBe(5)
  expect(exitCodeOf(new AggregateError([missing, missing]))).toBe(5)
  expect(exitCodeOf(new AggregateError([missing, refused]))).toBe(1)
  expect(exitCodeOf(new Error('a defect'))).toBe(1)
})

test('every error code has an exit code', () => {
  for (const code of Object.keys(FTP_ERROR_CODES) as FtpErrorCode[]) {
    expect(exitCodeOf(new FtpError(code, '')), code).toBeGreaterThan(0)
  }
})

import { FtpError } from '@jftp/client'
import { expect, test } from 'vitest'
import { statusOf } from './exit-status.js'

const missing = new FtpError('not-found', 'x')
const refused = new FtpError('permission-denied', 'x')

test('the code all failures agree on, else 1', () => {
  expect(statusOf(undefined)).toBe(0)
  expect(statusOf(missing)).toBe(5)
  expect(statusOf(new AggregateError([missing, missing]))).toBe(5)
  expect(statusOf(new AggregateError([missing, refused]))).toBe(1)
  expect(statusOf(new Error('a defect'))).toBe(1)
})

import { readFileSync } from 'node:fs'
import { FTP_ERROR_CODES, FtpError } from '@jftp/client'
import { ProtocolError } from '@jftp/protocol'
import { expect, test } from 'vitest'
import { EXIT_CODES, exitCodeOf } from './exit-code.js'

const missing = new FtpError('not-found', 'x')
const refused = new FtpError('permission-denied', 'x')

test('the code all failures agree on, else 1', () => {
  expect(exitCodeOf(undefined)).toBe(0)
  expect(exitCodeOf(missing)).toBe(5)
  expect(exitCodeOf(new AggregateError([missing, missing]))).toBe(5)
  expect(exitCodeOf(new AggregateError([missing, refused]))).toBe(1)
  expect(exitCodeOf(new Error('a defect'))).toBe(1)
})

test('an error of the wire has the exit code of its code', () => {
  expect(exitCodeOf(new ProtocolError('no-space', ''))).toBe(9)
})

test('docs/ERRORS.md has every error code in the row of its exit code', () => {
  const text = readFileSync(new URL('../../../../docs/ERRORS.md', import.meta.url), 'utf8')
  const table = text.slice(text.indexOf('| exit code |'))
  const documented = [...table.matchAll(/^\| (\d+)[^|]*\|[^|]*\| (.*) \|$/gm)].flatMap(
    ([, exitCode, codes = '']) => [...codes.matchAll(/`(.+?)`/g)].map(([, code]) => [code, Number(exitCode)]),
  )
  expect(Object.fromEntries(documented)).toEqual(EXIT_CODES)
  expect(documented.length).toBe(Object.keys(FTP_ERROR_CODES).length)
})

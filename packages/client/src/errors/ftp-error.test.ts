import { ERROR_CODES, ProtocolError } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { exitCodeOf, FtpError, fromProtocolError } from './ftp-error.js'
import { FTP_ERROR_CODES } from './ftp-error-code.js'

describe('exitCodeOf', () => {
  test.each([
    ['usage', 2],
    ['unknown-host', 3],
    ['connection-refused', 3],
    ['connection-lost', 3],
    ['not-jftp', 12],
    ['local-not-found', 5],
    ['local-permission', 6],
    ['local-exists', 7],
    ['local-no-space', 9],
    ['not-found', 5],
    ['digest-mismatch', 8],
    ['cancelled', 130],
  ] as const)('%s is %i', (code, exitCode) => {
    expect(exitCodeOf(new FtpError(code, ''))).toBe(exitCode)
  })

  test('knows the errors of the wire, and takes all else for a defect', () => {
    expect(exitCodeOf(new ProtocolError('no-space', ''))).toBe(9)
    for (const thrown of [new TypeError(), 'text', undefined]) expect(exitCodeOf(thrown)).toBe(1)
  })
})

test('the codes of the wire mean here what they mean there', () => {
  expect(FTP_ERROR_CODES).toMatchObject(ERROR_CODES)
})

describe('an error of the wire', () => {
  test('becomes one about the path, which its message names once', () => {
    const error = new ProtocolError('not-found', 'no such file')
    expect(fromProtocolError(error, '/a')).toMatchObject({
      code: 'not-found',
      message: '/a: no such file',
      path: '/a',
      retryable: false,
      cause: error,
    })
    expect(fromProtocolError(new ProtocolError('busy', '/a is in use', { path: '/a' }), '/b')).toMatchObject({
      message: '/a is in use',
      path: '/a',
      retryable: true,
    })
  })
})

import { ERROR_CODES, ProtocolError } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { fromProtocolError } from './ftp-error.js'
import { FTP_ERROR_CODES } from './ftp-error-code.js'

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

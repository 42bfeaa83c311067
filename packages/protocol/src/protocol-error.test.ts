import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { ERROR_CODES, type ErrorCode } from './error-code.js'
import { FRAME_HEADER_SIZE, FrameType } from './frame.js'
import { encodeJsonFrame } from './frame-encoder.js'
import { fromWire, parseAck } from './messages/replies.js'
import { ProtocolError } from './protocol-error.js'
import { MAX_PATH_SIZE } from './remote-path.js'

test('an error with any code stays the same on the wire', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const wire = new ProtocolError(code, 'why', { path: '/a' }).toWire()
    expect(wire).toEqual({ code, message: 'why', retryable: ERROR_CODES[code].retryable, path: '/a' })
    expect(fromWire(wire)).toMatchObject(wire)
  }
})

test('cause and stack are not sent', () => {
  const wire = new ProtocolError('io-error', 'the disk failed', { cause: new Error('/srv/secret') }).toWire()
  expect(Object.keys(wire)).toEqual(['code', 'message', 'retryable'])
  expect(JSON.stringify(wire)).not.toContain('secret')
})

test('a refusal that quotes a huge request still fits into a frame', () => {
  const error = new ProtocolError('bad-request', `no such thing: ${'\u0001'.repeat(10_000)}`, {
    path: `/${'\u0001'.repeat(MAX_PATH_SIZE - 1)}`,
  })
  const frame = encodeJsonFrame(FrameType.ACK, 1, { ok: false, error: error.toWire() })
  expect(() => parseAck('put', frame.subarray(FRAME_HEADER_SIZE))).toThrow('no such thing: ')
})

test('a message that is cut in the middle of a character stays valid Unicode', () => {
  const { message } = new ProtocolError('internal', `${'a'.repeat(1023)}𝄞`).toWire()
  expect(message.isWellFormed()).toBe(true)
  expect(Buffer.byteLength(message)).toBeLessThan(1030)
})

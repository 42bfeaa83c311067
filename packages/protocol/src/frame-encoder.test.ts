import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { FrameType } from './frame.js'
import { encodeDataFrame, encodeEmptyFrame, encodeJsonFrame, writeFrameHeader } from './frame-encoder.js'
import { MAX_DATA_SIZE, MAX_JSON_SIZE } from './limits.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('the encoder writes', () => {
  test('JSON with its length in bytes of UTF-8', () => {
    expect(hex(encodeJsonFrame(FrameType.REQUEST, 0x0102, { cmd: '€' }))).toBe(
      `0000000d02000102${Buffer.from('{"cmd":"€"}').toString('hex')}`,
    )
  })

  test('DATA', () => {
    expect(hex(encodeDataFrame(0xfffe, Uint8Array.of(0xab, 0xcd)))).toBe('000000020400fffeabcd')
  })

  test('a frame without a payload', () => {
    expect(hex(encodeEmptyFrame(FrameType.PING, 7))).toBe('0000000007000007')
  })

  test('a header over the bytes that were there before', () => {
    const target = new Uint8Array(10).fill(0xff)
    writeFrameHeader(target, FrameType.DATA, 0x1234, 0x0a0b0c)
    expect(hex(target)).toBe('000a0b0c04001234ffff')
  })
})

describe('the encoder accepts', () => {
  test('JSON of at most 64 KiB', () => {
    const message = (size: number): object => ({ x: 'a'.repeat(size - '{"x":""}'.length) })
    expect(encodeJsonFrame(FrameType.ACK, 1, message(MAX_JSON_SIZE))).toHaveLength(8 + MAX_JSON_SIZE)
    expect(() => encodeJsonFrame(FrameType.ACK, 1, message(MAX_JSON_SIZE + 1))).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'bad-request' }),
    )
  })

  test('DATA of 1 byte to 1 MiB', () => {
    expect(encodeDataFrame(1, new Uint8Array(MAX_DATA_SIZE))).toHaveLength(8 + MAX_DATA_SIZE)
    expect(() => encodeDataFrame(1, new Uint8Array(0))).toThrow(RangeError)
    expect(() => encodeDataFrame(1, new Uint8Array(MAX_DATA_SIZE + 1))).toThrow(RangeError)
  })
})

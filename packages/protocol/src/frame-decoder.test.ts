import { Buffer } from 'node:buffer'
import v8 from 'node:v8'
import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  joinPieces,
  type PlainFrame,
  plain,
  pullAll,
  rawHeader,
  sampleFrames,
} from '../test/sample-frames.js'
import { FrameType } from './frame.js'
import { FrameDecoder } from './frame-decoder.js'
import { encodeDataFrame, encodeEmptyFrame, encodeJsonFrame } from './frame-encoder.js'
import { MAX_DATA_SIZE, MAX_JSON_SIZE, MAX_JSON_SIZE_BEFORE_LOGIN } from './limits.js'

const stream = Buffer.concat(sampleFrames)

/** The sample frames, read without the decoder. */
const expected: PlainFrame[] = sampleFrames.map((bytes) => ({
  type: bytes[4] ?? 0,
  id: ((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0),
  hex: Buffer.from(bytes.subarray(8)).toString('hex'),
}))

function decodeChunks(data: 'pieces' | 'whole', chunks: Iterable<Uint8Array>): PlainFrame[] {
  const decoder = new FrameDecoder({ data })
  const frames: PlainFrame[] = []
  for (const chunk of chunks) {
    decoder.push(chunk)
    frames.push(...pullAll(decoder))
  }
  decoder.end()
  expect(decoder.buffered).toBe(0)
  return frames
}

describe.each(['pieces', 'whole'] as const)('a stream of every frame type, DATA as %s', (data) => {
  const want = data === 'whole' ? expected : joinPieces(expected)
  const got = (chunks: Iterable<Uint8Array>): PlainFrame[] => {
    const frames = decodeChunks(data, chunks)
    return data === 'whole' ? frames : joinPieces(frames)
  }

  test('decodes from one chunk', () => {
    expect(got([stream])).toEqual(want)
  })

  test('decodes if it is cut in two at any byte', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(got([stream.subarray(0, cut), stream.subarray(cut)]), `cut at ${cut}`).toEqual(want)
    }
  })

  test('decodes from single bytes', () => {
    expect(got(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(want)
  })

  test('decodes if it is pulled only after all single bytes were pushed', () => {
    const decoder = new FrameDecoder({ data })
    for (const byte of stream) decoder.push(Uint8Array.of(byte))
    const frames = pullAll(decoder)
    expect(data === 'whole' ? frames : joinPieces(frames)).toEqual(want)
  })

  test('decodes if chunks are released and overwritten after every byte', () => {
    const decoder = new FrameDecoder({ data })
    const frames: PlainFrame[] = []
    for (const byte of stream) {
      const chunk = Uint8Array.of(byte)
      decoder.push(chunk)
      frames.push(...pullAll(decoder))
      const { buffered } = decoder
      decoder.release()
      expect(decoder.buffered).toBe(buffered)
      chunk.fill(0xee)
    }
    expect(data === 'whole' ? frames : joinPieces(frames)).toEqual(want)
  })

  test('decodes if several chunks are released, and part of the first was used', () => {
    for (let cut = 1; cut < stream.length; cut++) {
      const decoder = new FrameDecoder({ data })
      const chunks = [stream.subarray(0, cut), stream.subarray(cut, cut + 3)].map((c) => Uint8Array.from(c))
      const frames: PlainFrame[] = []
      decoder.push(chunks[0] ?? stream)
      const first = decoder.next()
      if (first !== undefined) frames.push(plain(first))
      decoder.push(chunks[1] ?? stream)
      decoder.release()
      for (const chunk of chunks) chunk.fill(0xee)
      decoder.push(stream.subarray(cut + 3))
      pullAll(decoder, frames)
      expect(data === 'whole' ? frames : joinPieces(frames), `cut at ${cut}`).toEqual(want)
    }
  })
})

describe('DATA as pieces', () => {
  test('is handed on before the frame is complete, as views of the chunk', () => {
    const decoder = new FrameDecoder({ data: 'pieces' })
    const chunk = encodeDataFrame(3, Buffer.from('abcdef')).subarray(0, 11)
    decoder.push(chunk)
    const frame = decoder.next()
    expect(frame && plain(frame)).toEqual({ type: FrameType.DATA, id: 3, hex: '616263' })
    expect(frame?.payload.buffer).toBe(chunk.buffer)
    expect(decoder.next()).toBeUndefined()
    expect(decoder.buffered).toBe(0)
    expect(() => decoder.end()).toThrow('in the middle of a DATA frame')
  })
})

describe('the header alone decides that', () => {
  const refused = (header: Uint8Array, decoder = new FrameDecoder({ data: 'whole' })): void => {
    decoder.push(header)
    expect(() => decoder.next()).toThrow(
      expect.objectContaining({ name: 'ProtocolError', code: 'protocol-error' }),
    )
    expect(decoder.buffered).toBeLessThanOrEqual(header.length)
  }
  const taken = (header: Uint8Array, decoder = new FrameDecoder({ data: 'whole' })): void => {
    decoder.push(header)
    expect(decoder.next()).toBeUndefined()
  }
  const jsonTypes = [FrameType.HELLO, FrameType.REQUEST, FrameType.ACK, FrameType.END, FrameType.BYE]
  const emptyTypes = [FrameType.CANCEL, FrameType.PING, FrameType.PONG]

  test('a frame of 4 GiB is refused, whatever its type', () => {
    for (let type = 0; type < 256; type++) refused(rawHeader(0xffff_ffff, type))
    const decoder = new FrameDecoder({ data: 'pieces' })
    decoder.push(rawHeader(0xffff_ffff, FrameType.DATA))
    expect(() => decoder.next()).toThrow('DATA must have 1 to 1048576 bytes, not 4294967295')
  })

  test('JSON must have 2 bytes to 64 KiB', () => {
    for (const type of jsonTypes) {
      refused(rawHeader(0, type))
      refused(rawHeader(1, type))
      taken(rawHeader(2, type))
      taken(rawHeader(MAX_JSON_SIZE, type))
      refused(rawHeader(MAX_JSON_SIZE + 1, type))
    }
  })

  test('JSON may have at most 4 KiB before the login, until the limit is raised', () => {
    const decoder = new FrameDecoder({ data: 'whole', maxJsonSize: MAX_JSON_SIZE_BEFORE_LOGIN })
    refused(rawHeader(MAX_JSON_SIZE_BEFORE_LOGIN + 1, FrameType.REQUEST), decoder)
    const later = new FrameDecoder({ data: 'whole', maxJsonSize: MAX_JSON_SIZE_BEFORE_LOGIN })
    later.push(encodeJsonFrame(FrameType.REQUEST, 1, { cmd: 'login', user: 'anonymous' }))
    expect(later.next()?.id).toBe(1)
    later.maxJsonSize = MAX_JSON_SIZE
    taken(rawHeader(MAX_JSON_SIZE, FrameType.REQUEST), later)
  })

  test('DATA must have 1 byte to 1 MiB', () => {
    refused(rawHeader(0, FrameType.DATA))
    taken(rawHeader(1, FrameType.DATA))
    taken(rawHeader(MAX_DATA_SIZE, FrameType.DATA))
    refused(rawHeader(MAX_DATA_SIZE + 1, FrameType.DATA))
  })

  test('CANCEL, PING and PONG must have no payload', () => {
    for (const type of emptyTypes) {
      refused(rawHeader(1, type))
      expect(decodeChunks('whole', [rawHeader(0, type)])).toHaveLength(1)
    }
  })

  test('unknown types and flags are refused', () => {
    for (const type of [0, 10, 255]) refused(rawHeader(2, type))
    for (let bit = 0; bit < 8; bit++) refused(rawHeader(2, FrameType.ACK, 1 << bit))
  })

  test('other protocols are refused', () => {
    for (const text of [
      'GET / HTTP/1.1\r\n',
      'HTTP/1.1 400',
      'SSH-2.0-OpenSSH_9.2',
      '220 ftp.example',
      '\x16\x03\x01\x02\x00\x01\x00\x01',
    ]) {
      refused(Buffer.from(text, 'latin1'))
    }
  })
})

describe('what the decoder keeps', () => {
  test('is the bytes that were pushed and not pulled', () => {
    const decoder = new FrameDecoder({ data: 'whole' })
    decoder.push(Buffer.alloc(0))
    expect(decoder.buffered).toBe(0)
    const frame = encodeJsonFrame(FrameType.ACK, 1, { ok: true })
    decoder.push(Buffer.concat([frame, frame.subarray(0, 10)]))
    expect(decoder.buffered).toBe(frame.length + 10)
    expect(decoder.next()?.type).toBe(FrameType.ACK)
    expect(decoder.buffered).toBe(10)
    expect(decoder.next()).toBeUndefined()
    expect(decoder.buffered).toBe(2)
  })

  test('is not an object for every byte', () => {
    const size = 256 * 1024
    const bytes = encodeDataFrame(1, new Uint8Array(size)).subarray(0, size)
    const decoder = new FrameDecoder({ data: 'whole' })
    const before = heapInUse()
    // The bytes come one by one and the frame is not complete: 262,144 views would take tens of megabytes.
    for (let at = 0; at < bytes.length; at++) decoder.push(bytes.subarray(at, at + 1))
    expect(decoder.next()).toBeUndefined()
    expect(heapInUse() - before).toBeLessThan(4 * size)
    expect(decoder.buffered).toBe(size - 8)
  })
})

describe('the end of the stream', () => {
  test('is allowed between frames and an error within one', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const decoder = new FrameDecoder({ data: 'pieces' })
      decoder.push(stream.subarray(0, cut))
      pullAll(decoder)
      if (isBoundary(cut)) decoder.end()
      else expect(() => decoder.end(), `cut at ${cut}`).toThrow('the connection ended in the middle of')
    }
  })

  test('names the frame that is cut', () => {
    const decoder = new FrameDecoder({ data: 'pieces' })
    decoder.push(encodeEmptyFrame(FrameType.PING, 1).subarray(0, 7))
    expect(decoder.next()).toBeUndefined()
    expect(() => decoder.end()).toThrow('in the middle of a header')
  })
})

function isBoundary(at: number): boolean {
  let end = 0
  return at === 0 || sampleFrames.some((frame) => (end += frame.length) === at)
}

function heapInUse(): number {
  v8.setFlagsFromString('--expose-gc')
  vm.runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

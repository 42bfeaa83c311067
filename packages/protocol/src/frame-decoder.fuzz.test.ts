import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinPieces, type PlainFrame, pullAll, sampleFrames } from '../test/sample-frames.js'
import { FRAME_HEADER_SIZE, FrameType } from './frame.js'
import { FrameDecoder } from './frame-decoder.js'
import { encodeDataFrame, encodeEmptyFrame, encodeJsonFrame } from './frame-encoder.js'
import { MAX_DATA_SIZE, MAX_JSON_SIZE } from './limits.js'
import { ProtocolError } from './protocol-error.js'

const id = fc.integer({ min: 0, max: 0xffff })
const frame = fc.oneof(
  fc.constantFrom(...sampleFrames),
  fc
    .tuple(
      fc.constantFrom(FrameType.HELLO, FrameType.REQUEST, FrameType.ACK, FrameType.END, FrameType.BYE),
      id,
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
    )
    .map(([type, id, value]) => encodeJsonFrame(type, id, value)),
  fc
    .tuple(id, fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' }))
    .map(([id, bytes]) => encodeDataFrame(id, bytes)),
  fc
    .tuple(fc.constantFrom(FrameType.CANCEL, FrameType.PING, FrameType.PONG), id)
    .map(([type, id]) => encodeEmptyFrame(type, id)),
)
const validStream = fc.array(frame, { minLength: 1, maxLength: 12 }).map((frames) => Buffer.concat(frames))

/** Where to cut, as fractions of the length, so that the cuts shrink together with the stream. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 })

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.integer({ min: 0, max: 12 }),
  insert: fc.uint8Array({ maxLength: 12 }),
})

describe('the decoder', () => {
  test('decodes a valid stream to the same frames, however it is cut', () => {
    fc.assert(
      fc.property(validStream, cuts, (stream, cuts) => {
        const want = decode('whole', [stream]).frames
        expect(decode('whole', cutUp(stream, cuts)).frames).toEqual(want)
        expect(joinPieces(decode('pieces', cutUp(stream, cuts)).frames)).toEqual(joinPieces(want))
      }),
      { numRuns: 300 },
    )
  })

  test('makes frames or a protocol-error of random bytes, and keeps at most one frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400, size: 'max' }), cuts, (bytes, cuts) => {
        decode('whole', cutUp(bytes, cuts))
        decode('pieces', cutUp(bytes, cuts))
      }),
      { numRuns: 2000 },
    )
  })

  test('makes the same frames or protocol-error of a damaged stream, however it is cut', () => {
    fc.assert(
      fc.property(
        validStream,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        cuts,
        (stream, mutations, cuts) => {
          const bytes = mutations.reduce(mutate, stream)
          const want = decode('whole', [bytes])
          expect(decode('whole', cutUp(bytes, cuts))).toEqual(want)
          const pieces = decode('pieces', cutUp(bytes, cuts))
          expect(pieces.error).toEqual(want.error)
          expect(joinPieces(pieces.frames).slice(0, want.frames.length)).toEqual(joinPieces(want.frames))
        },
      ),
      { numRuns: 1000 },
    )
  })
})

/** Decodes until an error, and checks after each chunk that the decoder keeps no more than it may. */
function decode(
  data: 'pieces' | 'whole',
  chunks: Iterable<Uint8Array>,
): { frames: PlainFrame[]; error?: string } {
  const decoder = new FrameDecoder({ data })
  const largest = FRAME_HEADER_SIZE + (data === 'whole' ? MAX_DATA_SIZE : MAX_JSON_SIZE)
  const frames: PlainFrame[] = []
  let pushed = 0
  try {
    for (const chunk of chunks) {
      decoder.push(chunk)
      pushed += chunk.length
      pullAll(decoder, frames)
      expect(decoder.buffered).toBeLessThanOrEqual(Math.min(pushed, largest))
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    expect(error.code).toBe('protocol-error')
    return { frames, error: error.message }
  }
  return { frames }
}

function* cutUp(bytes: Uint8Array, cuts: readonly number[]): Generator<Uint8Array> {
  const places = cuts.map((part) => Math.round(part * bytes.length)).sort((a, b) => a - b)
  let from = 0
  for (const to of [...places, bytes.length]) {
    // These are copies, because each chunk of a socket has a buffer of its own.
    yield Uint8Array.from(bytes.subarray(from, to))
    from = to
  }
}

function mutate(
  bytes: Buffer,
  { at, remove, insert }: { at: number; remove: number; insert: Uint8Array },
): Buffer {
  const from = Math.round(at * bytes.length)
  return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)])
}

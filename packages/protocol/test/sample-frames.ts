import { Buffer } from 'node:buffer'
import type { Frame } from '../src/frame.js'
import { FrameType } from '../src/frame.js'
import type { FrameDecoder } from '../src/frame-decoder.js'
import { encodeDataFrame, encodeEmptyFrame, encodeJsonFrame } from '../src/frame-encoder.js'

/** At least one frame of every type, with small, ordinary and unusual payloads and ids. */
export const sampleFrames: readonly Uint8Array[] = [
  encodeJsonFrame(FrameType.HELLO, 0, { protocol: 'jftp', versions: { min: 1, max: 1 } }),
  encodeJsonFrame(FrameType.REQUEST, 1, { cmd: 'put', path: '/naïve “€” 𝄞.txt' }),
  encodeDataFrame(1, Buffer.from('hello\n')),
  encodeDataFrame(1, Uint8Array.of(0)),
  encodeJsonFrame(FrameType.END, 1, { size: 7 }),
  encodeEmptyFrame(FrameType.CANCEL, 0xffff),
  encodeJsonFrame(FrameType.ACK, 1, { ok: true }),
  encodeEmptyFrame(FrameType.PING, 0x0102),
  encodeEmptyFrame(FrameType.PONG, 0x0102),
  // The payload looks like headers and must not be taken for frames.
  encodeDataFrame(0x8000, Buffer.concat([encodeEmptyFrame(FrameType.PING, 9), Buffer.alloc(300, 0xff)])),
  encodeJsonFrame(FrameType.BYE, 0, {}),
]

export interface PlainFrame {
  readonly type: number
  readonly id: number
  readonly hex: string
}

/** Adds copies of all frames that are complete, so that they can be compared after more bytes were pushed. */
export function pullAll(decoder: FrameDecoder, frames: PlainFrame[] = []): PlainFrame[] {
  for (let frame = decoder.next(); frame; frame = decoder.next()) frames.push(plain(frame))
  return frames
}

export function plain({ type, id, payload }: Frame): PlainFrame {
  return { type, id, hex: Buffer.from(payload).toString('hex') }
}

/** Joins neighbouring pieces of DATA that have the same id, as a receiver of `pieces` would. */
export function joinPieces(frames: readonly PlainFrame[]): PlainFrame[] {
  const joined: PlainFrame[] = []
  for (const frame of frames) {
    const last = joined.at(-1)
    if (frame.type === FrameType.DATA && last?.type === FrameType.DATA && last.id === frame.id) {
      joined[joined.length - 1] = { ...last, hex: last.hex + frame.hex }
    } else {
      joined.push(frame)
    }
  }
  return joined
}

/** A header with any content, even one that no encoder writes. */
export function rawHeader(length: number, type: number, flags = 0, id = 0): Uint8Array {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(length, 0)
  header[4] = type
  header[5] = flags
  header.writeUInt16BE(id, 6)
  return header
}

import { Buffer } from 'node:buffer'
import { FRAME_HEADER_SIZE, type FrameType, FrameType as T } from './frame.js'
import { MAX_DATA_SIZE, MAX_JSON_SIZE } from './limits.js'
import { ProtocolError } from './protocol-error.js'

type JsonFrameType = typeof T.HELLO | typeof T.REQUEST | typeof T.ACK | typeof T.END | typeof T.BYE
type EmptyFrameType = typeof T.CANCEL | typeof T.PING | typeof T.PONG

/** A whole JSON frame. Throws `bad-request` if it is larger than a peer accepts. */
export function encodeJsonFrame(type: JsonFrameType, id: number, value: object): Uint8Array {
  return encodeJson(type, id, JSON.stringify(value))
}

/**
 * A client's HELLO. An empty line follows the JSON, which JSON allows as white space. If the server speaks a line
 * protocol such as HTTP, it takes the empty line for the end of a request and answers instead of waiting for ever.
 */
export function encodeClientHello(hello: object): Uint8Array {
  return encodeJson(T.HELLO, 0, `${JSON.stringify(hello)}\r\n\r\n`)
}

export function encodeEmptyFrame(type: EmptyFrameType, id: number): Uint8Array {
  const frame = new Uint8Array(FRAME_HEADER_SIZE)
  writeFrameHeader(frame, type, id, 0)
  return frame
}

/** A whole DATA frame of 1 byte to 1 MiB. It copies the payload; `writeFrameHeader` does not. */
export function encodeDataFrame(id: number, payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_SIZE + payload.length)
  writeFrameHeader(frame, T.DATA, id, payload.length)
  frame.set(payload, FRAME_HEADER_SIZE)
  return frame
}

/**
 * Writes a header at the start of `target`. A sender that leaves FRAME_HEADER_SIZE bytes free at the start of a
 * buffer, and reads a file into the rest, makes a frame of it without a copy.
 */
export function writeFrameHeader(target: Uint8Array, type: FrameType, id: number, length: number): void {
  if (type === T.DATA && (length < 1 || length > MAX_DATA_SIZE)) {
    throw new RangeError(`a DATA payload must have 1 to ${MAX_DATA_SIZE} bytes, not ${length}`)
  }
  target[0] = length >>> 24
  target[1] = length >>> 16
  target[2] = length >>> 8
  target[3] = length
  target[4] = type
  target[5] = 0
  target[6] = id >>> 8
  target[7] = id
}

function encodeJson(type: JsonFrameType, id: number, json: string): Uint8Array {
  const length = Buffer.byteLength(json)
  if (length > MAX_JSON_SIZE) {
    throw new ProtocolError(
      'bad-request',
      `a message has ${length} bytes, and at most ${MAX_JSON_SIZE} are allowed`,
    )
  }
  const frame = Buffer.allocUnsafe(FRAME_HEADER_SIZE + length)
  writeFrameHeader(frame, type, id, length)
  frame.write(json, FRAME_HEADER_SIZE)
  return frame
}

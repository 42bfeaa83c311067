/**
 * A jftp connection carries frames and nothing else, in both directions.
 *
 *     u32 payload length · u8 type · u8 flags (0) · u16 request id · payload      (big-endian)
 */

/** The frame types by name. The value is the type byte on the wire. */
export const FrameType = {
  /** JSON. The first frame in each direction: who speaks, which versions, what is offered. */
  HELLO: 1,
  /** JSON. A command, from the client. */
  REQUEST: 2,
  /** JSON. `ok: true` with facts, or `ok: false` with an error. */
  ACK: 3,
  /** Bytes. A piece of a file or of a listing. It is never empty. */
  DATA: 4,
  /** JSON. No more DATA: size and digest, or an error. */
  END: 5,
  /** No payload. Stop the request that has this id. The connection stays usable. */
  CANCEL: 6,
  /** No payload. It is answered by a PONG with the same id, ahead of requests that wait. */
  PING: 7,
  /** No payload. The answer to a PING. */
  PONG: 8,
  /** JSON. The sender ends the session, and may say why. */
  BYE: 9,
} as const

export type FrameType = (typeof FrameType)[keyof typeof FrameType]

/** Bytes before the payload of every frame. */
export const FRAME_HEADER_SIZE = 8

/** A frame or, if the decoder was asked for pieces, a part of a DATA frame. */
export interface Frame {
  readonly type: FrameType
  /** The request to which the frame belongs, 0 to 65535; 0 for HELLO and BYE. */
  readonly id: number
  /** If the frame came in one chunk, this is a view of that chunk: copy it to keep it. */
  readonly payload: Uint8Array
}

/** Request ids are 16 bits wide. */
export const MAX_REQUEST_ID = 0xffff

const names = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]))

/** The name of a type byte, for messages to people. */
export function frameTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`
}

export function isFrameType(type: number): type is FrameType {
  return names.has(type)
}

/** Whether frames of this type carry a JSON object. */
export function isJsonFrame(type: FrameType): boolean {
  return (
    type === FrameType.HELLO ||
    type === FrameType.REQUEST ||
    type === FrameType.ACK ||
    type === FrameType.END ||
    type === FrameType.BYE
  )
}

import {
  type Digest,
  encodeJsonFrame,
  FRAME_HEADER_SIZE,
  FrameType,
  LARGE_FRAME,
  ProtocolError,
  writeFrameHeader,
} from '@jftp/protocol'
import { PIECE_SIZE } from '@jftp/transfer'
import type { Outgoing } from '../commands/command-handler.js'
import type { Exchange } from './exchange.js'
import type { FrameWriter } from './frame-writer.js'
import { LongWork } from './long-work.js'
import { asProtocolError, cancelled, toldError } from './session-error.js'
import type { SessionStream } from './session-stream.js'
import { TimeSlice } from './time-slice.js'

export type Sent =
  | { readonly type: 'sent'; readonly digest: Digest | undefined }
  | { readonly type: 'failed'; readonly error: ProtocolError }

/** ACK with the facts → DATA… → END, with size and digest or with what went wrong on the way. */
export async function sendOutgoing(
  exchange: Exchange,
  outgoing: Outgoing<object>,
  writer: FrameWriter,
  stream: SessionStream,
): Promise<Sent> {
  const { id } = exchange
  const { source } = outgoing
  /** Memory that was sent and can be read into again. */
  const free: ArrayBuffer[] = []
  const recycle = (buffer: ArrayBuffer) => {
    // The system has taken it, so the client goes on reading.
    stream.noteActivity()
    free.push(buffer)
  }
  // Only of a file is it known how much is left. Everything else is computed while it is sent.
  const slice = source.left === undefined ? new LongWork() : new TimeSlice()
  writer.send(encodeJsonFrame(FrameType.ACK, id, { ok: true, ...outgoing.facts }))
  try {
    sendSmall(exchange, source, writer)
    if (stream.isFull) await stream.drained()
    while (source.left !== 0) {
      const buffer = free.pop() ?? new ArrayBuffer(FRAME_HEADER_SIZE + bufferSize(source))
      // A small file is read at once. To await what is known would cost a promise each time.
      const reading = source.read(new Uint8Array(buffer, FRAME_HEADER_SIZE))
      const size = typeof reading === 'number' ? reading : await reading
      if (size === 0) break
      if (exchange.isCancelled) throw cancelled()
      const frame = new Uint8Array(buffer, 0, FRAME_HEADER_SIZE + size)
      writeFrameHeader(frame, FrameType.DATA, id, size)
      exchange.passed += size
      if (!writer.sendOwned(frame, recycle)) await stream.drained()
      const pausing = slice.pause()
      if (pausing !== undefined) await pausing
    }
    const finishing = source.finish()
    const passed = finishing instanceof Promise ? await finishing : finishing
    writer.send(encodeJsonFrame(FrameType.END, id, passed))
    return { type: 'sent', digest: passed.digest }
  } catch (cause) {
    const error = asProtocolError(cause)
    writer.send(encodeJsonFrame(FrameType.END, id, { error: toldError(exchange, error) }))
    return { type: 'failed', error }
  } finally {
    const closing = source.close()
    if (closing !== undefined) await closing
  }
}

/**
 * Reads a small file right into the memory in which its frame leaves. That costs neither memory of its own nor a copy.
 * What is not sent here is left for whoever calls.
 */
function sendSmall(exchange: Exchange, source: Outgoing<object>['source'], writer: FrameWriter): void {
  const { left = 0 } = source
  if (source.readNow === undefined || left === 0 || FRAME_HEADER_SIZE + left >= LARGE_FRAME) return
  const frame = writer.reserve(FRAME_HEADER_SIZE + left)
  let size = 0
  try {
    size = source.readNow(frame.subarray(FRAME_HEADER_SIZE))
  } finally {
    writer.unreserve(size === 0 ? frame.length : left - size)
  }
  if (size === 0) return
  writeFrameHeader(frame, FrameType.DATA, exchange.id, size)
  exchange.passed += size
}

/** Bytes of a frame of a listing, whose length nobody knows before its end. */
const LISTING_FRAME = 64 * 1024

function bufferSize({ left = LISTING_FRAME }: Outgoing<object>['source']): number {
  return Math.min(left, PIECE_SIZE)
}

/** Downloads from this size on are reported when they begin, so that the server knows what is under way. */
const LONG_TRANSFER = 1024 * 1024

/** What is read here of the facts of an answer with bytes behind it. Only those of one file have both. */
export interface OutgoingFacts {
  readonly path?: string
  readonly size?: number
  /** The byte of the file at which it begins; 0 if it is left out. */
  readonly offset?: number | undefined
}

export function isLong({ size = 0 }: OutgoingFacts): boolean {
  return size >= LONG_TRANSFER
}

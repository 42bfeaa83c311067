import {
  encodeJsonFrame,
  FRAME_HEADER_SIZE,
  FrameType,
  ProtocolError,
  writeFrameHeader,
} from '@jftp/protocol'
import type { Passed } from '@jftp/transfer'
import type { Outgoing } from '../commands/command.js'
import { toProtocolError } from '../storage/disk-error.js'
import type { Connection } from './connection.js'
import type { Exchange } from './exchange.js'
import type { Outbox } from './outbox.js'
import { TimeSlice } from './time-slice.js'

export type Sent =
  | { readonly type: 'sent'; readonly passed: Passed }
  | { readonly type: 'failed'; readonly bytes: number; readonly error: ProtocolError }

/** ACK with the facts → DATA… → END, with size and digest or with what went wrong on the way. */
export async function sendOutgoing(
  exchange: Exchange,
  outgoing: Outgoing<object>,
  outbox: Outbox,
  connection: Connection,
): Promise<Sent> {
  const { id } = exchange
  const { source } = outgoing
  const slice = new TimeSlice()
  let bytes = 0
  outbox.send(encodeJsonFrame(FrameType.ACK, id, { ok: true, ...outgoing.facts }))
  try {
    const recycle = (buffer: ArrayBuffer) => source.recycle(buffer)
    for (let piece = await source.read(); piece !== undefined; piece = await source.read()) {
      if (exchange.isCancelled) throw new ProtocolError('cancelled', 'cancelled by the client')
      const size = piece.frame.length - FRAME_HEADER_SIZE
      writeFrameHeader(piece.frame, FrameType.DATA, id, size)
      bytes += size
      if (!outbox.sendOwned(piece.frame, recycle)) await connection.drained()
      await slice.pause()
    }
    const passed = await source.finish()
    outbox.send(encodeJsonFrame(FrameType.END, id, passed))
    return { type: 'sent', passed }
  } catch (cause) {
    const error = toProtocolError(cause)
    outbox.send(encodeJsonFrame(FrameType.END, id, { error: error.toWire() }))
    return { type: 'failed', bytes, error }
  } finally {
    await outgoing.close()
  }
}

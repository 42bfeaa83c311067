import {
  type DigestAlgorithm,
  digestOf,
  encodeJsonFrame,
  FRAME_HEADER_SIZE,
  FrameType,
  writeFrameHeader,
} from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Outbox } from '../connection/outbox.js'
import type { WholeBody } from './upload-source.js'

/**
 * Sends REQUEST, DATA and END together. Returns what END announced. If the body throws, nothing was sent.
 */
export function sendEagerPut(
  outbox: Outbox,
  id: number,
  request: object,
  body: WholeBody,
  alg: DigestAlgorithm,
): TransferSummary {
  const head = encodeJsonFrame(FrameType.REQUEST, id, request)
  const dataSize = body.size === 0 ? 0 : FRAME_HEADER_SIZE + body.size
  const frames = outbox.reserve(head.length + dataSize)
  const content = frames.subarray(frames.length - body.size)
  try {
    body.fill(content)
  } catch (error) {
    outbox.unreserve(frames.length)
    throw error
  }
  frames.set(head)
  if (dataSize > 0) writeFrameHeader(frames.subarray(head.length), FrameType.DATA, id, body.size)
  const announced = { size: body.size, digest: digestOf(alg, content) }
  outbox.add(encodeJsonFrame(FrameType.END, id, announced))
  return announced
}

import type { Duplex } from 'node:stream'
import { ThreadSocket } from './thread-socket.js'

/**
 * Writes without a copy, in every column. The whole `ArrayBuffer` behind `chunk` is given away: in a worker
 * thread it is detached, elsewhere it must be left alone, until `onSent` gets it back (a buffer of the same
 * size) once the kernel has taken the bytes. So a sender can go on for ever with a handful of buffers:
 *
 *     const free = Array.from({ length: 4 }, () => new ArrayBuffer(512 * 1024))
 *     sendOwned(this.request, new Uint8Array(buffer, 0, bytesRead), (buffer) => free.push(buffer))
 *
 * Returns what `write` returns. If the connection fails first, `onSent` is never called: watch its `close`.
 */
export function sendOwned(
  request: Duplex,
  chunk: Uint8Array,
  onSent?: (buffer: ArrayBuffer) => void,
): boolean {
  const buffer = chunk.buffer
  if (!(buffer instanceof ArrayBuffer))
    throw new TypeError('sendOwned: a SharedArrayBuffer can not be given away')
  // Small buffers may be slices of Node's pool, which can't be transferred; and to copy them costs less.
  if (request instanceof ThreadSocket && buffer.byteLength > Buffer.poolSize)
    return request.sendOwned(chunk, onSent)
  return request.write(chunk, (error) => {
    if (!error) onSent?.(buffer)
  })
}

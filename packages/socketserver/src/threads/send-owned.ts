import type { Duplex } from 'node:stream'
import { ThreadSocket } from './thread-socket.js'

/**
 * Writes without a copy, in all server classes. The caller gives the whole `ArrayBuffer` behind `chunk` away and must
 * not use it any more; in a worker thread it is detached. When the kernel has taken the bytes, `onSent` gets a buffer
 * of the same size, so a few buffers are enough to send any number of bytes:
 *
 *     const free = Array.from({ length: 4 }, () => new ArrayBuffer(512 * 1024))
 *     sendOwned(this.request, new Uint8Array(buffer, 0, bytesRead), (buffer) => free.push(buffer))
 *
 * Returns what `write` returns. If the connection fails first, `onSent` is never called, so watch for its `close`.
 */
export function sendOwned(
  request: Duplex,
  chunk: Uint8Array,
  onSent?: (buffer: ArrayBuffer) => void,
): boolean {
  const buffer = chunk.buffer
  if (!(buffer instanceof ArrayBuffer))
    throw new TypeError('sendOwned needs an ArrayBuffer: a SharedArrayBuffer can not be given away')
  // A small buffer may be a slice of Node's pool, which can't be transferred; copying it costs less anyway.
  if (request instanceof ThreadSocket && buffer.byteLength > Buffer.poolSize)
    return request.sendOwned(chunk, onSent)
  return request.write(chunk, (error) => {
    if (!error) onSent?.(buffer)
  })
}

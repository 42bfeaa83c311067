import type { Duplex } from 'node:stream'
import { isReadMemory } from './read-memory.js'
import { ThreadSocket } from './thread-socket.js'

/**
 * Gives back the memory of a chunk that `request` has emitted, in all server classes. The caller gives the whole
 * `ArrayBuffer` behind the chunk away and must not use it any more; in a worker thread it is detached. The server reads
 * into it again, so a few buffers are enough to receive any number of bytes. Without that, each chunk costs an
 * allocation, and each 32 MiB cost a collection of all the thread's garbage. Memory that can't be used again is left
 * to the garbage collector.
 */
export function recycle(request: Duplex, memory: ArrayBufferLike): void {
  if (request instanceof ThreadSocket && isReadMemory(memory)) request.recycle(memory)
}

/** Bytes of one buffer. */
export const COPY_BUFFER_SIZE = 256 * 1024
/** Buffers a thread keeps while nobody needs them: 4 MiB. */
const KEPT = 16

const free: ArrayBuffer[] = []

/**
 * The buffers that plain writes of this thread are copied into. They come back from the main thread and are
 * used again: fresh memory of this size costs more, in page faults, than the copy.
 */
export const copyBuffers = {
  take(): ArrayBuffer {
    return free.pop() ?? new ArrayBuffer(COPY_BUFFER_SIZE)
  },

  giveBack(buffer: ArrayBuffer): void {
    if (free.length < KEPT) free.push(buffer)
  },
}

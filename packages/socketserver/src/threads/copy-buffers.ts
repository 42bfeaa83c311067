/** Size of one buffer, in bytes. */
export const COPY_BUFFER_SIZE = 256 * 1024
/** Number of unused buffers that a thread keeps; together they have 4 MiB. */
const KEPT = 16

const free: ArrayBuffer[] = []

/**
 * The buffers into which this thread copies plain writes. They come back from the main thread and are used again,
 * because the page faults of fresh memory would cost more than the copy.
 */
export const copyBuffers = {
  take(): ArrayBuffer {
    return free.pop() ?? new ArrayBuffer(COPY_BUFFER_SIZE)
  },

  giveBack(buffer: ArrayBuffer): void {
    if (free.length < KEPT) free.push(buffer)
  },
}

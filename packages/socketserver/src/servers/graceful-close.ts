import { type Duplex, finished } from 'node:stream'

/**
 * How long a closed connection is still read from, milliseconds. A descriptor closed with unread bytes makes
 * the kernel send a reset, and the reset can overtake the last answer on its way to a peer that was still
 * sending. Two seconds is what nginx's `lingering_timeout` is made for, at a smaller figure than its five.
 */
const LINGER_MS = 2_000

/** Sends everything written, then the end of stream. Resolves as well when the connection is already gone. */
export async function endWriting(request: Duplex): Promise<void> {
  if (request.destroyed) return
  if (!request.writableEnded) request.end()
  if (request.writableFinished) return
  await new Promise<void>((resolve) => {
    const cleanup = finished(request, { readable: false }, () => {
      cleanup()
      resolve()
    })
  })
}

/** Reads and drops what the peer still sends, until it ends too or its time is up; then calls `close`. */
export function linger(request: Duplex, close: () => void): void {
  if (request.destroyed || request.readableEnded) return close()
  const timer = setTimeout(() => request.destroy(), LINGER_MS)
  timer.unref()
  // Nor should a process that is otherwise done wait for this.
  if ('unref' in request && typeof request.unref === 'function') request.unref()
  const cleanup = finished(request, { writable: false }, () => {
    clearTimeout(timer)
    cleanup()
    close()
  })
  // A reader that has not read to the end still listens for this, and that would keep `resume` from flowing.
  request.removeAllListeners('readable')
  request.resume()
}

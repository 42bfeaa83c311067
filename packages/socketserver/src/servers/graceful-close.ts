import { type Duplex, finished } from 'node:stream'

/**
 * Milliseconds for which an ended connection is still read. If a descriptor is closed while it has unread bytes, the
 * kernel sends a reset, and a peer that was still sending can lose the last answer by that. nginx's
 * `lingering_timeout` (5 s) does the same; here it is 2 s.
 */
const LINGER_MS = 2_000

/** Sends everything that was written, then the end of the stream. Resolves even if the connection has closed. */
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

/** Reads and drops what the peer still sends. Calls `close` when the peer has ended too, or when its time is up. */
export function linger(request: Duplex, close: () => void): void {
  if (request.destroyed || request.readableEnded) return close()
  const timer = setTimeout(() => request.destroy(), LINGER_MS)
  timer.unref()
  // This must not keep the process alive.
  if ('unref' in request && typeof request.unref === 'function') request.unref()
  const cleanup = finished(request, { writable: false }, () => {
    clearTimeout(timer)
    cleanup()
    close()
  })
  // A reader that has not read to the end still has this listener, and with it `resume` would have no effect.
  request.removeAllListeners('readable')
  request.resume()
}

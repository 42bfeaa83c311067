import type { NetConnectOpts, Socket } from 'node:net'

/** Where a server listens: a port of this machine, or the path of its Unix socket. */
export type Place = number | string

export function connectOptions(place: Place): NetConnectOpts {
  return typeof place === 'string' ? { path: place } : { port: place, host: '127.0.0.1' }
}

/** Ends a connection without a word: by a reset, where there is such a thing. */
export function cutOff(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

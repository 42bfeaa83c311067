import { type EventEmitter, once } from 'node:events'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface UnixDatagramClient extends EventEmitter {
  bind(path: string): void
  send(packet: Buffer, offset: number, length: number, path: string): void
  close(): void
}

/** A socket of the optional package, bound to `path` or to none. */
export function bindUnixDatagram(path: string | undefined): UnixDatagramClient {
  const { createSocket } = createRequire(new URL('../src/index.ts', import.meta.url))('unix-dgram')
  const socket: UnixDatagramClient = createSocket('unix_dgram')
  if (path !== undefined) socket.bind(path)
  return socket
}

/** Sends one datagram to `server` from a socket bound to `path`; resolves with the one that comes back. */
export async function exchangeUnixDatagram(server: string, path: string, text: string): Promise<string> {
  const socket = bindUnixDatagram(path)
  try {
    const packet = Buffer.from(text)
    const answer = once(socket, 'message') as Promise<[Buffer]>
    socket.send(packet, 0, packet.byteLength, server)
    return (await answer)[0].toString()
  } finally {
    socket.close()
    rmSync(path)
  }
}

/** Sends one datagram from a socket that can't be answered. */
export async function sendUnixDatagram(server: string, text: string): Promise<void> {
  const socket = bindUnixDatagram(undefined)
  const packet = Buffer.from(text)
  socket.send(packet, 0, packet.byteLength, server)
  socket.close()
}

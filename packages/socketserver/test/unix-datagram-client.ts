import type { EventEmitter } from 'node:events'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'

interface NativeSocket extends EventEmitter {
  bind(path: string): void
  send(packet: Buffer, offset: number, length: number, path: string): void
  close(): void
}

/** Sends one datagram to `server` from a socket bound to `path`; resolves with the one that comes back. */
export async function exchangeUnixDatagram(server: string, path: string, text: string): Promise<string> {
  const { createSocket } = createRequire(new URL('../src/index.ts', import.meta.url))('unix-dgram')
  const socket: NativeSocket = createSocket('unix_dgram')
  try {
    socket.bind(path)
    const packet = Buffer.from(text)
    const answer = once(socket, 'message') as Promise<[Buffer]>
    socket.send(packet, 0, packet.byteLength, server)
    return (await answer)[0].toString()
  } finally {
    socket.close()
    rmSync(path)
  }
}

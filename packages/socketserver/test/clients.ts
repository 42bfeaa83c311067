import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Address } from '@jftp/socketserver'

/** A connection to a server's address, half-open like Python's sockets are. */
export async function connectTo(address: Address): Promise<Socket> {
  const where = typeof address === 'string' ? { path: address } : { host: address[0], port: address[1] }
  const socket = connect({ ...where, allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  return socket
}

/** Sends `text` and the end of stream; resolves with all that comes back. */
export async function exchange(address: Address, text: string | Uint8Array): Promise<string> {
  const socket = await connectTo(address)
  socket.end(text)
  return await readAll(socket)
}

/** Everything the server sends, up to its end of stream; what was read before a failure if it fails. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {})
  await new Promise<void>((resolve) => {
    socket.once('end', resolve).once('close', () => resolve())
  })
  socket.destroy()
  return Buffer.concat(chunks).toString()
}

/** Resolves with the next bytes that come. */
export async function readSome(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk.toString()
}

/** Sends one UDP datagram and resolves with the one that comes back. */
export async function exchangeDatagram(
  [host, port]: readonly [string, number],
  text: string,
): Promise<string> {
  const socket = createSocket('udp4')
  try {
    socket.send(text, port, host)
    const [packet] = (await once(socket, 'message')) as [Buffer]
    return packet.toString()
  } finally {
    socket.close()
  }
}

/** Sends one UDP datagram. */
export async function sendDatagram([host, port]: readonly [string, number], text: string): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send(text, port, host, resolve))
  socket.close()
}

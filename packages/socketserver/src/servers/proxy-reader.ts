import type { Socket } from 'node:net'
import type { InternetAddress } from '../address.js'
import { FIXED_SIZE, parseProxyHeader, proxyHeaderSize } from './proxy-header.js'

/** How long a load balancer has to send its header, in milliseconds. It sends it at once. */
const PATIENCE = 5_000

/** The connection ended before its first byte: a load balancer looks in this way whether somebody listens. */
export class EmptyConnection extends Error {}

/**
 * Reads the PROXY header, and nothing behind it. Resolves to the client's address, or to undefined if the connection is
 * the load balancer's own. Rejects if something else comes, or nothing in time.
 */
export async function readProxyHeader(socket: Socket): Promise<InternetAddress | undefined> {
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no PROXY header came within ${PATIENCE / 1000} s`))
  }, PATIENCE)
  try {
    const start = await readExactly(socket, FIXED_SIZE)
    if (start.length === 0) throw new EmptyConnection('the connection ended before its first byte')
    const more = proxyHeaderSize(start) - FIXED_SIZE
    const rest = more === 0 ? Buffer.alloc(0) : await readExactly(socket, more)
    return parseProxyHeader(Buffer.concat([start, rest]))
  } finally {
    clearTimeout(timer)
  }
}

/** That many bytes, or fewer if the connection ends before. Rejects if it fails. */
function readExactly(socket: Socket, size: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (bytes: Buffer | undefined) => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onClose)
      if (bytes === undefined) reject(socket.errored ?? new EmptyConnection('the connection was closed'))
      else resolve(bytes)
    }
    const onReadable = () => {
      const bytes = socket.read(size) as Buffer | null
      if (bytes !== null) settle(bytes)
    }
    const onEnd = () => settle(Buffer.alloc(0))
    const onClose = () => settle(undefined)
    socket.on('readable', onReadable).on('end', onEnd).on('close', onClose)
    onReadable()
  })
}

import type { Socket as DatagramSocket } from 'node:dgram'
import type { Server, Socket } from 'node:net'

/** Node's internal handle of a socket. Node has no public way to ask for its descriptor, and Windows has none. */
interface Handle {
  readonly fd?: number
}

/** The descriptor of a listening socket or of a connection, or -1. */
export function descriptorOf(socket: Server | Socket | undefined): number {
  const { _handle: handle } = (socket ?? {}) as { _handle?: Handle | null }
  return handle?.fd ?? -1
}

/** The descriptor of a datagram socket, or -1. */
export function datagramDescriptorOf(socket: DatagramSocket): number {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol')
  const state = key && (socket as unknown as Record<symbol, { handle?: Handle | null }>)[key]
  return state?.handle?.fd ?? -1
}

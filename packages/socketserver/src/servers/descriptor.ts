import type { Socket as DatagramSocket } from 'node:dgram'
import type { Server } from 'node:net'

/** What Node keeps of a descriptor. It has no public way to ask for one, and Windows none to answer. */
interface Handle {
  readonly fd?: number
}

/** The descriptor of a listening socket, or -1. */
export function descriptorOf(server: Server | undefined): number {
  const { _handle: handle } = (server ?? {}) as { _handle?: Handle | null }
  return handle?.fd ?? -1
}

/** The descriptor of a datagram socket, or -1. */
export function datagramDescriptorOf(socket: DatagramSocket): number {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol')
  const state = key && (socket as unknown as Record<symbol, { handle?: Handle | null }>)[key]
  return state?.handle?.fd ?? -1
}

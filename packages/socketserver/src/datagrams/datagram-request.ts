import type { Address } from '../address.js'

/** `request` of handlers on datagram servers: what came, and the way to answer. */
export interface DatagramRequest {
  readonly packet: Buffer
  readonly socket: DatagramSender
}

export interface DatagramSender {
  /** Resolves when the kernel has taken the datagram. That it arrives nobody promises. */
  send(packet: Uint8Array | string, address: Address): Promise<void>
}

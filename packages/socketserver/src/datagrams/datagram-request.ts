import type { Address } from '../address.js'

/** `request` of handlers on datagram servers: the datagram and the socket to answer with. */
export interface DatagramRequest {
  readonly packet: Buffer
  readonly socket: DatagramSender
}

/** What a handler of datagrams sends its answers with. */
export interface DatagramSender {
  /** Resolves when the kernel has taken the datagram, which may still be lost on its way. */
  send(packet: Uint8Array | string, address: Address): Promise<void>
}

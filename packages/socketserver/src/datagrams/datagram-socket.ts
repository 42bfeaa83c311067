import type { Address } from '../address.js'
import type { DatagramSender } from './datagram-request.js'

/** A bound datagram socket, UDP or Unix. */
export interface DatagramSocket extends DatagramSender {
  readonly address: Address
  /** -1 if the socket is closed. */
  readonly descriptor: number
  close(): void
}

/** What a DatagramSocket calls when something comes, or when it fails. */
export interface DatagramEvents {
  readonly arrived: (packet: Buffer, clientAddress: Address) => void
  readonly failed: (error: Error) => void
}

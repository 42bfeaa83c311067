import type { Address } from '../address.js'
import type { DatagramSender } from './datagram-request.js'

/** A bound datagram socket, of whichever kind. */
export interface DatagramSocket extends DatagramSender {
  readonly address: Address
  /** -1 once closed. */
  readonly descriptor: number
  close(): void
}

export interface DatagramEvents {
  readonly arrived: (packet: Buffer, clientAddress: Address) => void
  readonly failed: (error: Error) => void
}

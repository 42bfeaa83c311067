import type { Socket } from 'node:net'
import type { Address } from '../address.js'
import type { DatagramRequest } from '../datagrams/datagram-request.js'
import type { FromRequest } from './worker-message.js'

/** A request that a worker runs. */
export interface RelayedRequest<Request = Socket | DatagramRequest> {
  readonly id: number
  readonly request: Request
  readonly clientAddress: Address
}

/** The server's end of one request that a worker runs. */
export interface Relay {
  readonly request: Socket | DatagramRequest
  readonly clientAddress: Address
  /** Hands the request over. Resolves when its handler has returned, rejects with what it threw. */
  run(): Promise<void>
  receive(message: FromRequest): void
  /** Closes the request, so that its handler ends. */
  close(): void
  /** Ends the request with this error, because its worker has ended or its handler was given up. */
  fail(error: Error): void
}

import type { Address } from '../address.js'
import type { FromRequest } from './worker-message.js'

/** The server's end of one request that a worker runs. */
export interface Relay {
  /** Hands the request over. Resolves when its handler has returned, rejects with what it threw. */
  run(clientAddress: Address): Promise<void>
  receive(message: FromRequest): void
  /** Asks the worker to let the request go. */
  close(): void
  /** The worker is gone. */
  fail(error: Error): void
}

import type { Address } from '../address.js'
import type { HandlerServer } from './handler-server.js'
import type { StreamRequest } from './stream-request.js'

/**
 * One object of this class per request. The server constructs it and calls `setup`, `handle` and `finish`,
 * awaiting each; `finish` runs whenever `setup` succeeded, even if `handle` threw. When the last of them has
 * returned, the server sends what was written and closes the connection.
 *
 * Derive from it, define `handle`, and keep what you like in fields: no two requests share an object.
 */
export class BaseRequestHandler<Request = StreamRequest, Context = unknown> {
  /** A `StreamRequest` on stream servers (a `SecureRequest` if they speak TLS), a `DatagramRequest` on datagram servers. */
  readonly request: Request
  readonly clientAddress: Address
  readonly server: HandlerServer<Context>

  constructor(request: Request, clientAddress: Address, server: HandlerServer<Context>) {
    this.request = request
    this.clientAddress = clientAddress
    this.server = server
  }

  setup(): void | Promise<void> {}

  handle(): void | Promise<void> {}

  finish(): void | Promise<void> {}
}

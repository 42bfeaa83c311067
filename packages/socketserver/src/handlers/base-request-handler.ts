import type { Address } from '../address.js'
import type { HandlerServer } from './handler-server.js'
import type { StreamRequest } from './stream-request.js'

/**
 * The server constructs one object of this class for each request. It calls `setup`, `handle` and `finish`, and
 * awaits each of them; `finish` runs if `setup` succeeded, even if `handle` threw. When the last of them has
 * returned, the server sends what was written and closes the connection.
 *
 * Derive a class from it and define `handle`. Its fields are free for your use: no two requests share an object.
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

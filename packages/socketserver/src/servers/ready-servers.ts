import type { ListenAddress } from '../address.js'
import { UDPServer } from '../datagrams/udp-server.js'
import { UnixDatagramServer } from '../datagrams/unix-datagram-server.js'
import { AsyncMixIn } from './async-mix-in.js'
import { ForkingMixIn } from './forking-mix-in.js'
import type { ServerOptions } from './server-options.js'
import { TCPServer } from './tcp-server.js'
import { ThreadingMixIn } from './threading-mix-in.js'
import { UnixStreamServer } from './unix-stream-server.js'

// Workers load the handler themselves, so the constructors of their servers accept only a URL.

/** `AsyncMixIn(TCPServer)`: many requests at once, on the event loop. */
export class AsyncTCPServer extends AsyncMixIn(TCPServer) {}
/** `ThreadingMixIn(TCPServer)`: requests run in worker threads. */
export class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
/** `ForkingMixIn(TCPServer)`: requests run in child processes. */
export class ForkingTCPServer extends ForkingMixIn(TCPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

/** `AsyncMixIn(UDPServer)`: many requests at once, on the event loop. */
export class AsyncUDPServer extends AsyncMixIn(UDPServer) {}
/** `ThreadingMixIn(UDPServer)`: requests run in worker threads. */
export class ThreadingUDPServer extends ThreadingMixIn(UDPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
/** `ForkingMixIn(UDPServer)`: requests run in child processes. */
export class ForkingUDPServer extends ForkingMixIn(UDPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

/** `AsyncMixIn(UnixStreamServer)`: many requests at once, on the event loop. */
export class AsyncUnixStreamServer extends AsyncMixIn(UnixStreamServer) {}
/** `ThreadingMixIn(UnixStreamServer)`: requests run in worker threads. */
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
/** `ForkingMixIn(UnixStreamServer)`: requests run in child processes. */
export class ForkingUnixStreamServer extends ForkingMixIn(UnixStreamServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

/** `AsyncMixIn(UnixDatagramServer)`: many requests at once, on the event loop. */
export class AsyncUnixDatagramServer extends AsyncMixIn(UnixDatagramServer) {}
/** `ThreadingMixIn(UnixDatagramServer)`: requests run in worker threads. */
export class ThreadingUnixDatagramServer extends ThreadingMixIn(UnixDatagramServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
/** `ForkingMixIn(UnixDatagramServer)`: requests run in child processes. */
export class ForkingUnixDatagramServer extends ForkingMixIn(UnixDatagramServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

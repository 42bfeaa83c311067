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

export class AsyncTCPServer extends AsyncMixIn(TCPServer) {}
export class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
export class ForkingTCPServer extends ForkingMixIn(TCPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

export class AsyncUDPServer extends AsyncMixIn(UDPServer) {}
export class ThreadingUDPServer extends ThreadingMixIn(UDPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
export class ForkingUDPServer extends ForkingMixIn(UDPServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

export class AsyncUnixStreamServer extends AsyncMixIn(UnixStreamServer) {}
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
export class ForkingUnixStreamServer extends ForkingMixIn(UnixStreamServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

export class AsyncUnixDatagramServer extends AsyncMixIn(UnixDatagramServer) {}
export class ThreadingUnixDatagramServer extends ThreadingMixIn(UnixDatagramServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}
export class ForkingUnixDatagramServer extends ForkingMixIn(UnixDatagramServer) {
  constructor(address: ListenAddress, handler: URL, options?: ServerOptions) {
    super(address, handler, options)
  }
}

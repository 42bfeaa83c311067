import { UDPServer } from '../datagrams/udp-server.js'
import { UnixDatagramServer } from '../datagrams/unix-datagram-server.js'
import { AsyncMixIn } from './async-mix-in.js'
import { ForkingMixIn } from './forking-mix-in.js'
import { TCPServer } from './tcp-server.js'
import { ThreadingMixIn } from './threading-mix-in.js'
import { UnixStreamServer } from './unix-stream-server.js'

export class AsyncTCPServer extends AsyncMixIn(TCPServer) {}
export class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {}
export class ForkingTCPServer extends ForkingMixIn(TCPServer) {}

export class AsyncUDPServer extends AsyncMixIn(UDPServer) {}
export class ThreadingUDPServer extends ThreadingMixIn(UDPServer) {}
export class ForkingUDPServer extends ForkingMixIn(UDPServer) {}

export class AsyncUnixStreamServer extends AsyncMixIn(UnixStreamServer) {}
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {}
export class ForkingUnixStreamServer extends ForkingMixIn(UnixStreamServer) {}

export class AsyncUnixDatagramServer extends AsyncMixIn(UnixDatagramServer) {}
export class ThreadingUnixDatagramServer extends ThreadingMixIn(UnixDatagramServer) {}
export class ForkingUnixDatagramServer extends ForkingMixIn(UnixDatagramServer) {}

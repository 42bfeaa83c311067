import { AsyncMixIn } from './async-mix-in.js'
import { TCPServer } from './tcp-server.js'
import { ThreadingMixIn } from './threading-mix-in.js'
import { UnixStreamServer } from './unix-stream-server.js'

export class AsyncTCPServer extends AsyncMixIn(TCPServer) {}
export class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {}

export class AsyncUnixStreamServer extends AsyncMixIn(UnixStreamServer) {}
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {}

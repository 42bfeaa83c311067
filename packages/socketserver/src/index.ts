/**
 * Python's `socketserver` for Node. `BaseServer` explains the design. An example:
 *
 *     const server = await ThreadingTCPServer.listen(['127.0.0.1', 0], new URL('./handler.js', import.meta.url), {
 *       maxThreads: 2,              // the pool's size; each thread runs many handlers at once
 *       context: { root: '/srv' },  // structured-cloned to the threads: `this.server.context`
 *     })
 *     server.serverAddress          // ['127.0.0.1', 40713]
 *     void server.serveForever({ signal })
 *     …
 *     await server.shutdown()       // aborts `this.server.closing` of every handler and ends the loop
 *     server.closeAllRequests()     // cuts running requests off; optional
 *     await server.serverClose()    // stops listening, waits for running requests, stops the threads
 *
 *     // handler.js; `this.request` is a Duplex in every server class
 *     export default class extends StreamRequestHandler {
 *       async handle() {
 *         for await (const line of this.rfile) await this.wfile.write(line.toString().toUpperCase())
 *         this.server.notify({ served: this.clientAddress })  // calls handleMessage() of the server
 *       }
 *     }
 */

export type { Address, AddressFamily, InternetAddress, ListenAddress, UnixAddress } from './address.js'
export type { DatagramRequest, DatagramSender } from './datagrams/datagram-request.js'
export { DatagramServer } from './datagrams/datagram-server.js'
export type { DatagramEvents, DatagramSocket } from './datagrams/datagram-socket.js'
export { UDPServer } from './datagrams/udp-server.js'
export { UnixDatagramServer } from './datagrams/unix-datagram-server.js'
export { BaseRequestHandler } from './handlers/base-request-handler.js'
export { DatagramRequestHandler } from './handlers/datagram-request-handler.js'
export { DatagramWriter } from './handlers/datagram-writer.js'
export type { HandlerServer } from './handlers/handler-server.js'
export type { HandlerClass, HandlerSource } from './handlers/handler-source.js'
export { StreamReader } from './handlers/stream-reader.js'
export type { SecureRequest, StreamRequest } from './handlers/stream-request.js'
export { StreamRequestHandler } from './handlers/stream-request-handler.js'
export { type FilePart, StreamWriter } from './handlers/stream-writer.js'
export { listenDescriptors } from './listen-descriptors.js'
export { AsyncMixIn, type Concurrent } from './servers/async-mix-in.js'
export { BaseServer, type CloseOptions, type ServeOptions } from './servers/base-server.js'
export { type Forking, ForkingMixIn } from './servers/forking-mix-in.js'
export type { Constructor, ServerClass } from './servers/mix-in.js'
export { networksOf } from './servers/networks.js'
export {
  AsyncTCPServer,
  AsyncUDPServer,
  AsyncUnixDatagramServer,
  AsyncUnixStreamServer,
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixDatagramServer,
  ForkingUnixStreamServer,
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
} from './servers/ready-servers.js'
export type { ServerOptions } from './servers/server-options.js'
export { StreamServer } from './servers/stream-server.js'
export { TCPServer } from './servers/tcp-server.js'
export { type Threading, ThreadingMixIn } from './servers/threading-mix-in.js'
export { UnixStreamServer } from './servers/unix-stream-server.js'
export { SocketServerError, type SocketServerErrorCode } from './socket-server-error.js'
export { recycle } from './threads/recycle.js'
export { sendOwned } from './threads/send-owned.js'
export { ThreadSocket } from './threads/thread-socket.js'

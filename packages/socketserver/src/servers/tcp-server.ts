import type { ListenOptions, Server, Socket } from 'node:net'
import {
  type AddressFamily,
  checkInternet,
  checkReusePort,
  type InternetAddress,
  plainHost,
} from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { StreamServer } from './stream-server.js'

/** A TCP server that handles one connection at a time; the others wait until its handler has returned. */
export class TCPServer extends StreamServer {
  addressFamily: AddressFamily = 'inet'
  /** Must be true, because Node sets SO_REUSEADDR on every listening TCP socket. */
  allowReuseAddress = true
  /** Allows several servers on one port (SO_REUSEPORT). Needs Node 22.12 or 23.1. */
  allowReusePort = false

  declare serverAddress: InternetAddress

  protected override listenOptions(): ListenOptions {
    checkReusePort(this.allowReusePort)
    if (!this.allowReuseAddress) {
      throw new SocketServerError(
        'BAD_OPTION',
        'allowReuseAddress can not be false, because Node always sets it for TCP: remove the option',
      )
    }
    const address = checkInternet(this.listenAddress, this.addressFamily)
    if ('fd' in address) return { fd: address.fd } as ListenOptions
    const [host, port] = address
    const reusePort = this.allowReusePort ? { reusePort: true } : {}
    return { host, port, ipv6Only: this.addressFamily === 'inet6', ...reusePort }
  }

  protected override boundAddress(server: Server): InternetAddress {
    const address = server.address()
    if (address === null || typeof address === 'string') {
      throw new SocketServerError(
        'BAD_OPTION',
        'the descriptor is not a listening TCP socket: pass one that is',
      )
    }
    return [address.address, address.port]
  }

  protected override addressOf(request: Socket): InternetAddress {
    return [plainHost(request.remoteAddress ?? ''), request.remotePort ?? 0]
  }
}

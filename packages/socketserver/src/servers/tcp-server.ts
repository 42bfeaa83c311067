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

/** TCP, one connection at a time: the next one waits until the handler of the last has returned. */
export class TCPServer extends StreamServer {
  addressFamily: AddressFamily = 'inet'
  /** Can only be true: Node sets SO_REUSEADDR on every listening TCP socket. */
  allowReuseAddress = true
  /** Several servers on one port (SO_REUSEPORT). An error before Node 23.1 and 22.12. */
  allowReusePort = false

  declare serverAddress: InternetAddress

  protected override listenOptions(): ListenOptions {
    checkReusePort(this.allowReusePort)
    if (!this.allowReuseAddress) {
      throw new SocketServerError(
        'BAD_OPTION',
        'allowReuseAddress can not be false: Node always sets it for TCP',
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
      throw new SocketServerError('BAD_OPTION', 'the descriptor is no listening TCP socket')
    }
    return [address.address, address.port]
  }

  protected override addressOf(request: Socket): InternetAddress {
    return [plainHost(request.remoteAddress ?? ''), request.remotePort ?? 0]
  }
}

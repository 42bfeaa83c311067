import type { ListenOptions, Socket } from 'node:net'
import type { AddressFamily, InternetAddress } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { StreamServer } from './stream-server.js'

/** TCP, one connection at a time: the next one waits until the handler of the last has returned. */
export class TCPServer extends StreamServer {
  addressFamily: AddressFamily = 'inet'
  /** Always so: Node sets SO_REUSEADDR on every listening TCP socket (but on Windows). */
  allowReuseAddress = true
  /** Several servers on one port (SO_REUSEPORT); Node 23.1 or 22.12 and later. */
  allowReusePort = false

  declare serverAddress: InternetAddress

  protected override listenOptions(): ListenOptions {
    const address = this.listenAddress
    if (typeof address === 'string') {
      throw new SocketServerError('BAD_OPTION', `a TCP server listens on [host, port], not on ${address}`)
    }
    if ('fd' in address) return { fd: address.fd } as ListenOptions
    const [host, port] = address
    const reusePort = this.allowReusePort ? { reusePort: true } : {}
    return { host, port, ipv6Only: this.addressFamily === 'inet6', ...reusePort }
  }

  protected override addressOf(request: Socket): InternetAddress {
    return [request.remoteAddress ?? '', request.remotePort ?? 0]
  }
}

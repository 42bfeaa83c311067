import { isIPv6 } from 'node:net'
import type { AddressFamily, InternetAddress } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { DatagramServer } from './datagram-server.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'
import { UDPSocket } from './udp-socket.js'

/** UDP, one datagram after the other. */
export class UDPServer extends DatagramServer {
  /** `inet` is IPv4 unless the host is an IPv6 address. */
  addressFamily: AddressFamily = 'inet'
  /** SO_REUSEADDR: several sockets may bind the port, and the last one gets the datagrams. */
  allowReuseAddress = false
  /** SO_REUSEPORT: the kernel spreads datagrams over the sockets; Node 23.1 or 22.12 and later. */
  allowReusePort = false

  declare serverAddress: InternetAddress

  protected override openSocket(events: DatagramEvents): Promise<DatagramSocket> {
    const address = this.listenAddress
    if (typeof address === 'string') {
      throw new SocketServerError('BAD_OPTION', `a UDP server is bound to [host, port], not to ${address}`)
    }
    const host = 'fd' in address ? '' : address[0]
    const type = this.addressFamily === 'inet6' || isIPv6(host) ? 'udp6' : 'udp4'
    const options = { type, reuseAddr: this.allowReuseAddress, reusePort: this.allowReusePort } as const
    return UDPSocket.bind(options, 'fd' in address ? address : { address: host, port: address[1] }, events)
  }
}

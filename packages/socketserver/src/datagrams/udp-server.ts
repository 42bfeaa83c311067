import { isIPv6 } from 'node:net'
import { type AddressFamily, checkInternet, checkReusePort, type InternetAddress } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { DatagramServer } from './datagram-server.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'
import { UDPSocket } from './udp-socket.js'

/** A UDP server that handles one datagram at a time. */
export class UDPServer extends DatagramServer {
  /** `inet` is IPv4 unless the host is an IPv6 address. */
  addressFamily: AddressFamily = 'inet'
  /** SO_REUSEADDR: several sockets may bind the port, and the last one gets the datagrams. */
  allowReuseAddress = false
  /** SO_REUSEPORT: the kernel spreads datagrams over the sockets. Needs Node 22.12 or 23.1. */
  allowReusePort = false

  declare serverAddress: InternetAddress

  protected override openSocket(events: DatagramEvents): Promise<DatagramSocket> {
    checkReusePort(this.allowReusePort)
    const address = checkInternet(this.listenAddress, this.addressFamily)
    if ('fd' in address && address.fd === 0) {
      throw new SocketServerError(
        'BAD_OPTION',
        'Node can not take over descriptor 0 for datagrams: pass the socket as another descriptor',
      )
    }
    const host = 'fd' in address ? '' : address[0]
    const type = this.addressFamily === 'inet6' || isIPv6(host) ? 'udp6' : 'udp4'
    const options = {
      type,
      reuseAddr: this.allowReuseAddress,
      reusePort: this.allowReusePort,
      ipv6Only: this.addressFamily === 'inet6',
    } as const
    return UDPSocket.bind(options, 'fd' in address ? address : { address: host, port: address[1] }, events)
  }
}

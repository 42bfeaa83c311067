import { type AddressFamily, checkUnix, type UnixAddress } from '../address.js'
import { DatagramServer } from './datagram-server.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'
import { UnixDatagramSocket } from './unix-datagram-socket.js'

/**
 * A server for datagrams on a path of the file system, one at a time. It needs the optional package `unix-dgram`,
 * and it must be constructed in the main thread. For `{ fd }` it also needs Linux and the optional package `koffi`.
 * `serverClose()` removes the path, unless the socket came as a descriptor, because then another program has made it.
 */
export class UnixDatagramServer extends DatagramServer {
  addressFamily: AddressFamily = 'unix'

  declare serverAddress: UnixAddress

  protected override openSocket(events: DatagramEvents): DatagramSocket {
    const address = checkUnix(this.listenAddress)
    if (typeof address === 'string') return UnixDatagramSocket.bind(address, events)
    return UnixDatagramSocket.adopt(address.fd, events)
  }
}

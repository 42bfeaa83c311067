import { type AddressFamily, checkUnix, type UnixAddress } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { DatagramServer } from './datagram-server.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'
import { UnixDatagramSocket } from './unix-datagram-socket.js'

/**
 * A server for datagrams on a path of the file system, one at a time. It needs the optional package `unix-dgram`,
 * and it must be constructed in the main thread. `serverClose()` removes the path.
 */
export class UnixDatagramServer extends DatagramServer {
  addressFamily: AddressFamily = 'unix'

  declare serverAddress: UnixAddress

  protected override openSocket(events: DatagramEvents): DatagramSocket {
    const address = checkUnix(this.listenAddress)
    if (typeof address === 'string') return UnixDatagramSocket.bind(address, events)
    throw new SocketServerError(
      'BAD_OPTION',
      'a Unix datagram server needs a path, not { fd }: the package unix-dgram can only use sockets that it has opened',
    )
  }
}

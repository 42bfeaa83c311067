import type { ListenOptions, Server } from 'node:net'
import { type AddressFamily, checkUnix, type UnixAddress } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { StreamServer } from './stream-server.js'
import { unixPathOf } from './unix-path.js'

/**
 * A server for streams on a path of the file system; it handles one connection at a time. If a server was killed, its
 * socket file stays, and binding to the path fails with EADDRINUSE until the file is removed. `serverClose()` removes
 * the file, unless the socket came as a descriptor, because then another program has made the file.
 */
export class UnixStreamServer extends StreamServer {
  addressFamily: AddressFamily = 'unix'

  declare serverAddress: UnixAddress

  protected override listenOptions(): ListenOptions {
    const address = checkUnix(this.listenAddress)
    return typeof address === 'string' ? { path: address } : ({ fd: address.fd } as ListenOptions)
  }

  protected override boundAddress(server: Server): UnixAddress {
    const address = this.listenAddress
    if (typeof address === 'string') return address
    if (!('fd' in address) || (server.address() !== null && typeof server.address() !== 'string')) {
      throw new SocketServerError(
        'BAD_OPTION',
        'the descriptor is not a listening Unix socket: pass one that is',
      )
    }
    return unixPathOf(address.fd)?.path ?? ''
  }

  protected override addressOf(): UnixAddress {
    return ''
  }
}

import type { ListenOptions, Server } from 'node:net'
import { type AddressFamily, checkUnix, type UnixAddress } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { StreamServer } from './stream-server.js'
import { unixPathOf } from './unix-path.js'

/**
 * Streams on a path of the file system, one connection at a time. The path must be free: a socket file left
 * behind by a server that was killed makes binding fail with EADDRINUSE. `serverClose()` removes the file, unless
 * the socket came as a descriptor: then the file belongs to whoever made it.
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
      throw new SocketServerError('BAD_OPTION', 'the descriptor is no listening Unix socket')
    }
    return unixPathOf(address.fd)
  }

  protected override addressOf(): UnixAddress {
    return ''
  }
}

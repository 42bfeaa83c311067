import type { ListenOptions } from 'node:net'
import type { AddressFamily, UnixAddress } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { StreamServer } from './stream-server.js'

/**
 * Streams on a path of the file system, one connection at a time. The path must be free: a socket file left
 * behind by a server that was killed makes binding fail with EADDRINUSE. `serverClose()` removes the file.
 */
export class UnixStreamServer extends StreamServer {
  addressFamily: AddressFamily = 'unix'

  declare serverAddress: UnixAddress

  protected override listenOptions(): ListenOptions {
    const address = this.listenAddress
    if (typeof address === 'string') return { path: address }
    if ('fd' in address) return { fd: address.fd } as ListenOptions
    throw new SocketServerError('BAD_OPTION', 'a Unix server listens on a path, not on [host, port]')
  }

  protected override addressOf(): UnixAddress {
    return ''
  }
}

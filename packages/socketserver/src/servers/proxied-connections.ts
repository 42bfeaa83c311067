import type { BlockList, Socket } from 'node:net'
import { type InternetAddress, plainHost } from '../address.js'
import { isWithin, networksOf } from './networks.js'
import { readProxyHeader } from './proxy-reader.js'

/** The connections that come from load balancers: their PROXY headers, and the clients that these name. */
export class ProxiedConnections {
  readonly #proxies: BlockList
  /** The clients' addresses, by the connection's own address and port. A TLS socket has the same two. */
  readonly #clients = new Map<string, InternetAddress>()
  #headersAwaited = 0

  /** `proxies`: the addresses and networks of the load balancers. Throws `BAD_OPTION` if one is neither. */
  constructor(proxies: readonly string[]) {
    this.#proxies = networksOf(proxies)
  }

  /** Connections whose header has not come yet. */
  get headersAwaited(): number {
    return this.#headersAwaited
  }

  /** Whether a connection comes from a load balancer, so that it must begin with a header. */
  includes({ remoteAddress = '' }: Socket): boolean {
    return isWithin(this.#proxies, plainHost(remoteAddress))
  }

  /** Reads the header and remembers the client while the connection lasts. Rejects as `readProxyHeader` does. */
  async readHeader(socket: Socket): Promise<void> {
    this.#headersAwaited += 1
    try {
      const client = await readProxyHeader(socket)
      if (client === undefined) return
      const key = keyOf(socket)
      this.#clients.set(key, client)
      socket.once('close', () => this.#clients.delete(key))
    } finally {
      this.#headersAwaited -= 1
    }
  }

  /** The address that the header told; undefined if there was no header, or if it told none. */
  clientOf(socket: Socket): InternetAddress | undefined {
    return this.#clients.get(keyOf(socket))
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

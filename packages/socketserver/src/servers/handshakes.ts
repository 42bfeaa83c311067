import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** The TLS handshakes of a server. */
export class Handshakes {
  /** When connections were accepted: a `performance.now()`. */
  readonly #acceptedAt = new WeakMap<Socket, number>()
  /** Handshakes under way, and connections whose handshake is still to begin. */
  #count = 0

  /** Half-open handshakes must not keep others out before there are too many connections: `room` is left for those. */
  areTooMany(queueSize: number, room: number): boolean {
    return this.#count >= (Number.isFinite(room) ? Math.max(queueSize, room) : queueSize)
  }

  begin(connection: Socket): void {
    this.#count += 1
    this.#acceptedAt.set(connection, performance.now())
  }

  end(): void {
    this.#count -= 1
  }

  /** Milliseconds since the connection of a request was accepted; 0 without TLS. */
  timeOf(request: Socket): number {
    const acceptedAt = this.#acceptedAt.get(connectionOf(request))
    return acceptedAt === undefined ? 0 : performance.now() - acceptedAt
  }
}

/** The TCP connection below a TLS socket. Node has no documented way to it. */
export function connectionOf(socket: Socket): Socket {
  return (socket as TLSSocket & { _parent?: Socket })._parent ?? socket
}

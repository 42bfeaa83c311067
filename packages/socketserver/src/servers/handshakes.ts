import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** Time for a TLS handshake if nothing else is said, in milliseconds. It is Node's default. */
export const DEFAULT_LIMIT = 120_000
/** Milliseconds: the longest time that a timer can have. */
export const NO_LIMIT = 2 ** 31 - 1

/** The TLS handshakes of a server. */
export class Handshakes {
  /** When connections were accepted: a `performance.now()`. */
  readonly #acceptedAt = new WeakMap<Socket, number>()
  /** Connections whose handshake is under way or still to begin, each with the timer that limits its handshake. */
  readonly #unfinished = new Map<Socket, NodeJS.Timeout | undefined>()

  /** Half-open handshakes must not keep others out before there are too many connections: `room` is left for those. */
  areTooMany(queueSize: number, room: number): boolean {
    return this.#unfinished.size >= (Number.isFinite(room) ? Math.max(queueSize, room) : queueSize)
  }

  begin(connection: Socket): void {
    this.#unfinished.set(connection, undefined)
    this.#acceptedAt.set(connection, performance.now())
  }

  /** Calls `fail` if the handshake, which begins now, has not ended after `ms`. Until then the client can't be half open. */
  limit(connection: Socket, ms: number, fail: (error: Error) => void): void {
    const error = () => Object.assign(new Error('the TLS handshake took too long'), { code: TIMEOUT })
    // Nobody can finish a handshake after the end of what they send.
    connection.allowHalfOpen = false
    this.#unfinished.set(connection, setTimeout(() => fail(error()), ms).unref())
  }

  /** Returns false if the handshake has ended before. `socket`: the connection, or the TLS socket on it. */
  end(socket: Socket): boolean {
    const connection = connectionOf(socket)
    clearTimeout(this.#unfinished.get(connection))
    socket.allowHalfOpen = true
    return this.#unfinished.delete(connection)
  }

  /** Milliseconds since the connection of a request was accepted; 0 without TLS. */
  timeOf(request: Socket): number {
    const acceptedAt = this.#acceptedAt.get(connectionOf(request))
    return acceptedAt === undefined ? 0 : performance.now() - acceptedAt
  }
}

/** Node's own code for this. */
const TIMEOUT = 'ERR_TLS_HANDSHAKE_TIMEOUT'

/** The TCP connection below a TLS socket. Node has no documented way to it. */
export function connectionOf(socket: Socket): Socket {
  return (socket as TLSSocket & { _parent?: Socket })._parent ?? socket
}

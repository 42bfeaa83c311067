import { AsyncLocalStorage } from 'node:async_hooks'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'

interface Waiting {
  resolve(socket: TLSSocket): void
  reject(error: Error): void
}

/** Performs the TLS handshake on TCP connections that another process has accepted. */
export class TlsAcceptor {
  readonly #server: Server
  /** The event does not name the connection, but it is emitted in that connection's async context. */
  readonly #waiting = new AsyncLocalStorage<Waiting>()

  constructor(options: TlsOptions) {
    this.#server = createServer({ ...options, allowHalfOpen: true })
    this.#server.on('secureConnection', (socket) => this.#waiting.getStore()?.resolve(socket))
    this.#server.on('tlsClientError', (error, socket) => {
      socket.destroy()
      this.#waiting.getStore()?.reject(error)
    })
  }

  secure(socket: Socket): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      this.#waiting.run({ resolve, reject }, () => this.#server.emit('connection', socket))
    })
  }
}

import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Address, AddressFamily } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { BaseServer } from './base-server.js'
import { descriptorOf } from './descriptor.js'
import { endWriting, linger } from './graceful-close.js'

/** What TCP and Unix stream servers share: a listening socket, and requests that are connections. */
export abstract class StreamServer extends BaseServer {
  abstract addressFamily: AddressFamily
  readonly socketType = 'stream'
  /** Connections the kernel holds for us before Node has accepted them: `listen(2)`'s backlog. */
  requestQueueSize = 511
  /** TLS options if the server is to speak TLS. */
  tls: TlsOptions | null = null

  /** The listening socket, once `serverBind()` has been called. */
  socket: Server | undefined

  /** Binds and, as Node has no call for the one without the other, listens. */
  override async serverBind(): Promise<void> {
    await super.serverBind()
    const server = this.#createSocket()
    this.socket = server
    await listening(server, { backlog: this.requestQueueSize, ...this.listenOptions() })
    server.on('error', (error) => this.handleAcceptError(error))
    this.serverAddress = addressOf(server)
  }

  override fileno(): number {
    return descriptorOf(this.socket)
  }

  override async shutdownRequest(request: Socket): Promise<void> {
    await endWriting(request)
    linger(request, () => this.closeRequest(request))
  }

  override closeRequest(request: Socket): void {
    request.destroy()
  }

  protected abstract listenOptions(): ListenOptions

  /** A client's address: what `clientAddress` of the handler will be. */
  protected abstract addressOf(request: Socket): Address

  protected override closeSocket(): void {
    if (this.socket?.listening) this.socket.close()
  }

  #createSocket(): Server {
    // Half open: a client that has sent its end of stream still gets its answer.
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: this.handsOver === 'descriptors' }
    const arrived = (socket: Socket) => {
      // Whoever uses the socket hears of errors in its own way; without this one they would end the process.
      socket.on('error', ignore)
      this.arrivals.push([socket, this.addressOf(socket)])
    }
    if (this.tls === null || this.handsOver === 'descriptors') return createServer(options, arrived)
    const server = createTlsServer({ ...this.tls, ...options }, arrived)
    return server.on('tlsClientError', (error, socket) => {
      this.handleAcceptError(error, this.addressOf(socket))
      socket.destroy()
    })
  }
}

async function listening(server: Server, options: ListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function addressOf(server: Server): Address {
  const address = server.address()
  if (address === null)
    throw new SocketServerError('CLOSED', 'the server was closed while it was being bound')
  return typeof address === 'string' ? address : [address.address, address.port]
}

function ignore(): void {}

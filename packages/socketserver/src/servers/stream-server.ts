import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls'
import type { Address, AddressFamily } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { BaseServer } from './base-server.js'
import { descriptorOf } from './descriptor.js'
import { DescriptorReserve } from './descriptor-reserve.js'
import { endWriting, linger } from './graceful-close.js'
import { connectionOf, DEFAULT_LIMIT, Handshakes, NO_LIMIT } from './handshakes.js'
import { ListeningSocket } from './listening-socket.js'
import { ProxiedConnections } from './proxied-connections.js'
import { EmptyConnection } from './proxy-reader.js'
import { RefusedConnections } from './refused-connections.js'

/** What TCP and Unix stream servers share: a listening socket, and requests that are connections. */
export abstract class StreamServer extends BaseServer<Socket> {
  abstract addressFamily: AddressFamily
  readonly socketType = 'stream'
  /**
   * Largest number of connections that wait in the server until they can be taken. If that many wait, accepting pauses,
   * and further connections wait in the kernel's queue. The kernel's queue has the same length (the backlog of
   * `listen(2)`).
   */
  requestQueueSize = 511
  /** Largest number of connections that wait or are handled. Further ones get `handleOverload` and are closed. */
  maxConnections = Number.POSITIVE_INFINITY
  /** TLS options, if the server uses TLS. */
  tls: TlsOptions | null = null
  /**
   * Addresses and networks of load balancers (`192.0.2.1`, `10.0.0.0/8`). Their connections must begin with a header of
   * the PROXY protocol, version 2, which tells the client's address. Others must not send one.
   */
  proxies: readonly string[] | null = null

  /** The listening socket. It is `undefined` until `serverBind()` has created it. */
  socket: Server | undefined
  #listening: ListeningSocket | undefined
  readonly #descriptors = new DescriptorReserve(() => this.#regulate())
  readonly #refused = new RefusedConnections()
  readonly #handshakes = new Handshakes()
  #proxied = new ProxiedConnections([])

  /** Binds and also listens, because Node has no call that only binds. */
  override async serverBind(): Promise<void> {
    await super.serverBind()
    if (this.proxies !== null && this.handsOver === 'descriptors') {
      throw new SocketServerError(
        'BAD_OPTION',
        'proxies needs a server whose process has the connections: use threads instead of child processes',
      )
    }
    const server = this.#createSocket()
    const listening = new ListeningSocket(server)
    this.socket = server
    const options = { backlog: this.requestQueueSize, ...this.listenOptions() }
    await listening.listen(options)
    this.#listening = listening
    server.on('error', (error) => void this.callHook(() => this.handleAcceptError(error)))
    this.arrivals.onRoom = () => this.#regulate()
    this.serverAddress = this.boundAddress(server)
  }

  override fileno(): number {
    return descriptorOf(this.socket)
  }

  override async shutdownRequest(request: Socket): Promise<void> {
    await endWriting(request)
    linger(request, () => void this.callHook(() => this.closeRequest(request), request))
  }

  override closeRequest(request: Socket): void | Promise<void> {
    request.destroy()
  }

  /**
   * Called if a TLS handshake has failed. What this writes to `connection` at once is sent without TLS, for a client that
   * speaks none; then the connection is closed. The default calls `handleAcceptError`.
   */
  handleHandshakeError(error: Error, clientAddress: Address, _connection: Socket): void | Promise<void> {
    return this.handleAcceptError(error, clientAddress)
  }

  /** Called before a TLS handshake. If this returns false, the connection is closed at once. */
  verifyHandshake(_connection: Socket, _clientAddress: Address): boolean {
    return true
  }

  /**
   * Time that a TLS handshake which begins now may take, in milliseconds. Override it for a limit that changes while the
   * server runs. If child processes make the handshakes, `handshakeTimeout` of `tls` holds for all of them.
   */
  get handshakeTimeout(): number {
    return this.tls?.handshakeTimeout ?? DEFAULT_LIMIT
  }

  /** How long the TLS handshake of a request took, in milliseconds; 0 without TLS. */
  handshakeTime(request: Socket): number {
    return this.#handshakes.timeOf(request)
  }

  protected abstract listenOptions(): ListenOptions

  /** The address of the listening socket. */
  protected abstract boundAddress(server: Server): Address

  /** The client's address, which the handler gets as `clientAddress`. */
  protected abstract addressOf(request: Socket): Address

  protected override closeSocket(): void {
    this.#descriptors.close()
    this.#listening?.close()
    this.#listening = undefined
    if (this.socket?.listening) this.socket.close()
  }

  #createSocket(): Server {
    // Half open, because a client that has ended its side of the connection must still get its answer.
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: this.handsOver === 'descriptors' }
    this.#proxied = new ProxiedConnections(this.proxies ?? [])
    const server = this.#isSecuredHere ? this.#createTls(options) : createServer(options)
    // A TLS server secures a connection in its own listener of this event. A PROXY header comes before that.
    const [secure] = server.listeners('connection')
    server.removeAllListeners('connection')
    const begin = (socket: Socket) => {
      if (this.tls !== null && !this.#maySecure(socket)) this.#endHandshake(socket)
      else if (secure) {
        this.#handshakes.limit(socket, this.handshakeTimeout, (error) => this.#handshakeFailed(error, socket))
        secure.call(server, socket)
      } else this.#arrived(socket)
    }
    return server.on('connection', (socket) => {
      this.#accepted(socket)
      if (secure) this.#handshakes.begin(socket)
      if (this.#proxied.includes(socket)) void this.#beginProxied(socket, begin)
      else begin(socket)
    })
  }

  get #isSecuredHere(): boolean {
    return this.tls !== null && this.handsOver === 'nothing'
  }

  #createTls(options: object): TlsServer {
    // Node's own limit can't be changed later.
    const server = createTlsServer({ ...this.tls, ...options, handshakeTimeout: NO_LIMIT })
    server.on('secureConnection', (socket) => {
      this.#handshakes.end(socket)
      this.#arrived(socket)
    })
    return server.on('tlsClientError', (error, socket) => this.#handshakeFailed(error, socket))
  }

  #handshakeFailed(error: Error, socket: Socket): void {
    if (!this.#handshakes.end(socket)) return
    const clientAddress = this.#clientOf(socket)
    const connection = connectionOf(socket)
    const tell = () => this.handleHandshakeError(error, clientAddress, connection)
    void this.callHook(tell, undefined, clientAddress)
    this.#endHandshake(socket)
  }

  #maySecure(socket: Socket): boolean {
    const clientAddress = this.#clientOf(socket)
    try {
      return this.verifyHandshake(socket, clientAddress)
    } catch (error) {
      void this.report(undefined, clientAddress, error)
      return false
    }
  }

  #endHandshake(socket: Socket): void {
    socket.destroy()
    this.#handshakes.end(socket)
    this.#regulate()
  }

  /** Begins when the PROXY header has come. */
  async #beginProxied(socket: Socket, begin: (socket: Socket) => void): Promise<void> {
    socket.on('error', ignore)
    try {
      await this.#proxied.readHeader(socket)
      begin(socket)
    } catch (error) {
      this.#handshakes.end(socket)
      // A load balancer that only looks whether somebody listens sends nothing.
      if (!(error instanceof EmptyConnection)) this.#refuseUnproxied(socket, error as Error)
      void this.shutdownRequest(socket)
    } finally {
      this.#regulate()
    }
  }

  #refuseUnproxied(socket: Socket, error: Error): void {
    const clientAddress = this.addressOf(socket)
    const answerable = this.#isSecuredHere ? undefined : socket
    void this.callHook(
      () => this.handleAcceptError(error, clientAddress, answerable),
      undefined,
      clientAddress,
    )
  }

  #clientOf(socket: Socket): Address {
    return this.#proxied.clientOf(socket) ?? this.addressOf(socket)
  }

  #accepted(socket: Socket): void {
    const error = this.#descriptors.use(descriptorOf(socket))
    if (error) void this.callHook(() => this.handleAcceptError(error))
    this.#regulate()
  }

  #arrived(socket: Socket): void {
    // Those who use the socket notice errors themselves. Without this listener an error would end the process.
    socket.on('error', ignore)
    const clientAddress = this.#clientOf(socket)
    if (this.heldRequests < this.maxConnections) this.arrivals.push([socket, clientAddress])
    else void this.#refuse(socket, clientAddress)
    this.#regulate()
  }

  /** Pauses accepting while something is at its limit. Accepting goes on when half of the queue is free. */
  #regulate(): void {
    const listening = this.#listening
    if (listening === undefined) return
    const most = listening.isPaused ? Math.floor(this.requestQueueSize / 2) + 1 : this.requestQueueSize
    const isFull =
      this.arrivals.size >= most ||
      this.#handshakes.areTooMany(this.requestQueueSize, this.maxConnections - this.heldRequests) ||
      this.#proxied.headersAwaited >= this.requestQueueSize ||
      this.#refused.areTooMany ||
      this.#descriptors.isScarce
    if (isFull) listening.pause()
    else listening.resume()
  }

  async #refuse(socket: Socket, clientAddress: Address): Promise<void> {
    await this.#refused.add(
      socket,
      () => this.callHook(() => this.handleOverload(socket, clientAddress), socket, clientAddress),
      () => this.callHook(() => this.shutdownRequest(socket), socket, clientAddress),
    )
    this.#regulate()
  }
}

function ignore(): void {}

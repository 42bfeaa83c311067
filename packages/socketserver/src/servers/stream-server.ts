import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Address, AddressFamily } from '../address.js'
import { BaseServer } from './base-server.js'
import { descriptorOf } from './descriptor.js'
import { DescriptorReserve } from './descriptor-reserve.js'
import { endWriting, linger } from './graceful-close.js'
import { ListeningSocket } from './listening-socket.js'

/** How many refused connections get an answer at the same time. */
const REFUSED_AT_ONCE = 64
/** Time for that answer, in milliseconds. */
const REFUSAL_TIME = 2_000

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

  /** The listening socket. It is `undefined` until `serverBind()` has created it. */
  socket: Server | undefined
  #listening: ListeningSocket | undefined
  readonly #descriptors = new DescriptorReserve(() => this.#regulate())
  #refusals = 0
  #handshakes = 0

  /** Binds and also listens, because Node has no call that only binds. */
  override async serverBind(): Promise<void> {
    await super.serverBind()
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
    if (this.tls === null || this.handsOver === 'descriptors') {
      return createServer(options, (socket) => {
        this.#accepted(socket)
        this.#arrived(socket)
      })
    }
    const server = createTlsServer({ ...this.tls, ...options })
    server.prependListener('connection', (socket: Socket) => {
      this.#handshakes += 1
      this.#accepted(socket)
    })
    server.on('secureConnection', (socket) => {
      this.#handshakes -= 1
      this.#arrived(socket)
    })
    return server.on('tlsClientError', (error, socket) => {
      this.#handshakes -= 1
      this.#regulate()
      const clientAddress = this.addressOf(socket)
      void this.callHook(() => this.handleAcceptError(error, clientAddress), undefined, clientAddress)
      socket.destroy()
    })
  }

  #accepted(socket: Socket): void {
    const error = this.#descriptors.use(descriptorOf(socket))
    if (error) void this.callHook(() => this.handleAcceptError(error))
    this.#regulate()
  }

  #arrived(socket: Socket): void {
    // Those who use the socket notice errors themselves. Without this listener an error would end the process.
    socket.on('error', ignore)
    const clientAddress = this.addressOf(socket)
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
      this.#handshakes >= this.requestQueueSize ||
      this.#refusals >= REFUSED_AT_ONCE ||
      this.#descriptors.isScarce
    if (isFull) listening.pause()
    else listening.resume()
  }

  async #refuse(socket: Socket, clientAddress: Address): Promise<void> {
    this.#refusals += 1
    const timer = setTimeout(() => socket.destroy(), REFUSAL_TIME)
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    const told = this.callHook(() => this.handleOverload(socket, clientAddress), socket, clientAddress)
    await Promise.race([told, gone])
    await this.callHook(() => this.shutdownRequest(socket), socket, clientAddress)
    clearTimeout(timer)
    this.#refusals -= 1
    this.#regulate()
  }
}

function ignore(): void {}

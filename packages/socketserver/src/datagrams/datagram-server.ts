import type { Address, AddressFamily } from '../address.js'
import { BaseServer, type CloseOptions } from '../servers/base-server.js'
import type { DatagramRequest } from './datagram-request.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'

/** What UDP and Unix datagram servers share: one socket, and requests that are single datagrams. */
export abstract class DatagramServer extends BaseServer<DatagramRequest> {
  abstract addressFamily: AddressFamily
  readonly socketType = 'datagram'
  /** Bytes of a datagram that are passed on; the rest is dropped, as `recvfrom` does. */
  maxPacketSize = 8192
  /** Datagrams that may wait to be taken; what comes then is dropped, as the kernel would. */
  requestQueueSize = 1024

  /** The bound socket, once `serverBind()` has resolved. */
  socket: DatagramSocket | undefined
  #reception: 'on' | 'off' = 'on'

  override async serverBind(): Promise<void> {
    await super.serverBind()
    this.socket = await this.openSocket({
      arrived: (packet, clientAddress) => this.#arrived(packet, clientAddress),
      failed: (error) => void this.callHook(() => this.handleAcceptError(error)),
    })
    this.serverAddress = this.socket.address
  }

  override fileno(): number {
    return this.socket?.descriptor ?? -1
  }

  /** The socket itself stays open until running requests, which may want to answer, have ended. */
  override async serverClose(options?: CloseOptions): Promise<void> {
    await super.serverClose(options)
    const closed = this.requestsEnded().then(() => this.socket?.close())
    if (this.activeRequests === 0) await closed
  }

  protected abstract openSocket(events: DatagramEvents): DatagramSocket | Promise<DatagramSocket>

  protected override closeSocket(): void {
    this.#reception = 'off'
  }

  #arrived(packet: Buffer, clientAddress: Address): void {
    if (this.#reception === 'off' || this.socket === undefined) return
    if (this.arrivals.size >= this.requestQueueSize) return
    const request: DatagramRequest = { packet: packet.subarray(0, this.maxPacketSize), socket: this.socket }
    this.arrivals.push([request, clientAddress])
  }
}

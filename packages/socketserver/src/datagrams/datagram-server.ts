import type { Address, AddressFamily } from '../address.js'
import { BaseServer, type CloseOptions } from '../servers/base-server.js'
import type { DatagramRequest } from './datagram-request.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'

/** What UDP and Unix datagram servers share: one socket, and requests that are single datagrams. */
export abstract class DatagramServer extends BaseServer<DatagramRequest> {
  abstract addressFamily: AddressFamily
  readonly socketType = 'datagram'
  /** Largest number of bytes of a datagram that the handler gets. The rest is dropped, as `recvfrom` does. */
  maxPacketSize = 8192
  /** Largest number of datagrams that wait to be taken. Further ones are dropped, as the kernel would do. */
  requestQueueSize = 1024

  /** The bound socket. It is `undefined` until `serverBind()` has resolved. */
  socket: DatagramSocket | undefined
  #isReceiving = true

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

  /** The socket stays open until the running requests have ended, because they may still send answers. */
  override async serverClose(options?: CloseOptions): Promise<void> {
    await super.serverClose(options)
    const closed = this.requestsEnded().then(() => this.socket?.close())
    if (this.activeRequests === 0) await closed
  }

  protected abstract openSocket(events: DatagramEvents): DatagramSocket | Promise<DatagramSocket>

  protected override closeSocket(): void {
    this.#isReceiving = false
  }

  #arrived(packet: Buffer, clientAddress: Address): void {
    if (!this.#isReceiving || this.socket === undefined) return
    if (this.arrivals.size >= this.requestQueueSize) return
    const request: DatagramRequest = { packet: packet.subarray(0, this.maxPacketSize), socket: this.socket }
    this.arrivals.push([request, clientAddress])
  }
}

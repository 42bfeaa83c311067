import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { type InternetAddress, plainHost } from '../address.js'
import { datagramDescriptorOf } from '../servers/descriptor.js'
import { SocketServerError } from '../socket-server-error.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'

export class UDPSocket implements DatagramSocket {
  readonly address: InternetAddress
  readonly #socket: Socket
  #isOpen = true

  private constructor(socket: Socket) {
    this.#socket = socket
    const { address, port } = socket.address()
    this.address = [address, port]
  }

  static async bind(
    options: SocketOptions,
    address: { readonly address: string; readonly port: number } | { readonly fd: number },
    events: DatagramEvents,
  ): Promise<UDPSocket> {
    const socket = createSocket(options)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind(address, () => {
          socket.off('error', reject)
          resolve()
        })
      })
    } catch (error) {
      socket.close()
      throw error
    }
    socket.on('error', events.failed)
    socket.on('message', (packet, { address: host, port }) => events.arrived(packet, [plainHost(host), port]))
    return new UDPSocket(socket)
  }

  get descriptor(): number {
    return this.#isOpen ? datagramDescriptorOf(this.#socket) : -1
  }

  async send(packet: Uint8Array | string, address: InternetAddress | string): Promise<void> {
    if (typeof address === 'string')
      throw new SocketServerError('BAD_OPTION', `a UDP address must be [host, port], not the path ${address}`)
    if (!this.#isOpen) throw new SocketServerError('CLOSED', 'the socket is closed')
    const [host, port] = this.#reachable(address)
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(packet, port, host, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** A socket for both families accepts an IPv4 address only in its IPv6 form. */
  #reachable([host, port]: InternetAddress): InternetAddress {
    return this.#socket.address().family === 'IPv6' && isIPv4(host) ? [`::ffff:${host}`, port] : [host, port]
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#socket.close()
  }
}

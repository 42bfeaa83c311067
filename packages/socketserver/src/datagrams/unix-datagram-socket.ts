import { unlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { getSystemErrorName } from 'node:util'
import type { Address, UnixAddress } from '../address.js'
import { unixPathOf } from '../servers/unix-path.js'
import { SocketServerError } from '../socket-server-error.js'
import type { DatagramEvents, DatagramSocket } from './datagram-socket.js'
import { moveDescriptor, stopWatching } from './move-descriptor.js'

/** The part of `unix-dgram` that is used here; the package has no types. Its events and callbacks are synchronous. */
interface NativeSocket {
  readonly fd: number
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'message', listener: (packet: Buffer, info: { readonly path?: string | null }) => void): void
  off(event: 'error', listener: (error: Error) => void): void
  bind(path: string): void
  send(packet: Buffer, offset: number, length: number, path: string, sent: (error?: Error) => void): void
  close(): void
}

/**
 * How often a send is tried if the receiver's queue is full, once every millisecond. The queue is short
 * (`net.unix.max_dgram_qlen`, often 10), and the package can't report when it has room again.
 */
const SEND_ATTEMPTS = 1_000

export class UnixDatagramSocket implements DatagramSocket {
  readonly address: UnixAddress
  readonly #socket: NativeSocket
  /** The path to remove at the end. */
  readonly #ownPath: UnixAddress | undefined
  #isOpen = true

  private constructor(socket: NativeSocket, address: UnixAddress, ownPath?: UnixAddress) {
    this.#socket = socket
    this.address = address
    this.#ownPath = ownPath
  }

  static bind(path: UnixAddress, events: DatagramEvents): UnixDatagramSocket {
    const socket = loadPackage().createSocket('unix_dgram')
    const failures: Error[] = []
    const onFailure = (error: Error) => void failures.push(named(error))
    socket.on('error', onFailure)
    socket.bind(path)
    socket.off('error', onFailure)
    if (failures[0]) {
      socket.close()
      throw failures[0]
    }
    watch(socket, events)
    return new UnixDatagramSocket(socket, path, path)
  }

  /**
   * Takes over a socket that another process has opened. `unix-dgram` only watches sockets that it has opened itself,
   * so it opens one, and the socket gets its number. That must happen within one turn of the event loop, because
   * libuv registers the number with the kernel at the end of it.
   */
  static adopt(descriptor: number, events: DatagramEvents): UnixDatagramSocket {
    const bound = unixPathOf(descriptor)
    if (!bound?.isDatagram) {
      throw new SocketServerError(
        'BAD_OPTION',
        `the descriptor ${descriptor} is not a Unix datagram socket: pass one that is (this works on Linux only)`,
      )
    }
    const socket = loadPackage().createSocket('unix_dgram')
    try {
      moveDescriptor(descriptor, socket.fd)
    } catch (error) {
      socket.close()
      throw error
    }
    watch(socket, events)
    return new UnixDatagramSocket(socket, bound.path)
  }

  get descriptor(): number {
    return this.#socket.fd
  }

  async send(packet: Uint8Array | string, address: Address): Promise<void> {
    if (typeof address !== 'string')
      throw new SocketServerError(
        'BAD_OPTION',
        `a Unix address must be a path, not ${JSON.stringify(address)}`,
      )
    if (address === '')
      throw new SocketServerError(
        'BAD_OPTION',
        'the client can not be answered, because its socket is not bound to a path',
      )
    const bytes = typeof packet === 'string' ? Buffer.from(packet) : asBuffer(packet)
    for (let attempt = 1; ; attempt += 1) {
      const error = this.#sendOnce(bytes, address)
      if (error === undefined) return
      if (error.code !== 'EAGAIN' || attempt === SEND_ATTEMPTS) throw error
      await delay(1)
    }
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.#ownPath === undefined) stopWatching(this.#socket.fd)
    this.#socket.close()
    if (this.#ownPath === undefined) return
    try {
      unlinkSync(this.#ownPath)
    } catch {
      // Somebody has removed the path already.
    }
  }

  #sendOnce(bytes: Buffer, path: string): NodeJS.ErrnoException | undefined {
    if (!this.#isOpen) return new SocketServerError('CLOSED', 'the socket is closed')
    let failure: Error | undefined
    this.#socket.send(bytes, 0, bytes.byteLength, path, (error) => {
      failure = error && named(error)
    })
    return failure
  }
}

function watch(socket: NativeSocket, events: DatagramEvents): void {
  socket.on('error', (error) => events.failed(named(error)))
  socket.on('message', (packet, info) => events.arrived(packet, info.path ?? ''))
}

/** The package sets `code` to a negative number. This replaces it with the name that Node uses. */
function named(error: Error): Error {
  if (!('code' in error) || typeof error.code !== 'number') return error
  const code = getSystemErrorName(error.code)
  return Object.assign(error, { code, message: error.message.replace(/-\d+$/, code) })
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function loadPackage(): { createSocket(type: 'unix_dgram'): NativeSocket } {
  try {
    return createRequire(import.meta.url)('unix-dgram')
  } catch (cause) {
    throw new SocketServerError(
      'NO_UNIX_DATAGRAMS',
      'the optional package unix-dgram can not be loaded, and Node has no Unix datagram sockets of its own: ' +
        'run `npm install unix-dgram@2.0.7` on Linux or macOS; it needs a C++ compiler, make and python3, and with ' +
        'npm 12 or later also `npm install-scripts approve unix-dgram` and then `npm rebuild unix-dgram`',
      { cause },
    )
  }
}

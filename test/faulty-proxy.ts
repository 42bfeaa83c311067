import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { connectOptions, cutOff, type Place } from './place.js'

/** The way bytes go. */
export type Direction = 'to the server' | 'to the client'

/**
 * What happens to the byte at offset `at` of a connection, counted per direction: `cut` resets both sides
 * before it, `stall` lets nothing past it any more, `corrupt` flips bits of it.
 */
export interface Fault {
  readonly what: 'cut' | 'stall' | 'corrupt'
  readonly towards: Direction
  readonly at: number
}

/** A proxy in front of a server that harms the bytes of its next connections, as planned. */
export class FaultyProxy implements AsyncDisposable {
  /** For connections from now on; undefined lets all through. */
  fault: Fault | undefined
  /** Largest number of bytes passed on at once, one piece a turn of the event loop: a throttle without a clock. */
  pieceSize = Number.POSITIVE_INFINITY
  /** Bytes of the last connection that arrived, by where they were going. */
  readonly passed: Record<Direction, number> = { 'to the server': 0, 'to the client': 0 }
  /** Connections that were made. */
  accepted = 0
  /** Faults that came about. */
  struck = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(target: Place) {
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#join(client, target))
  }

  static async start(target: Place): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** Cuts the connections that there are. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cutAll()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, target: Place): void {
    this.accepted++
    const server = connect({ ...connectOptions(target), allowHalfOpen: true })
    this.passed['to the server'] = 0
    this.passed['to the client'] = 0
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', (failed) => {
        this.#sockets.delete(socket)
        // In order, what is on its way still arrives.
        if (!failed) return
        client.destroy()
        server.destroy()
      })
    }
    void this.#pass(client, server, 'to the server')
    void this.#pass(server, client, 'to the client')
  }

  async #pass(from: Socket, to: Socket, towards: Direction): Promise<void> {
    const fault = this.fault?.towards === towards ? this.fault : undefined
    let offset = 0
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        this.passed[towards] += chunk.length
        for (let at = 0; at < chunk.length; at += this.pieceSize) {
          const piece = chunk.subarray(at, Math.min(chunk.length, at + this.pieceSize))
          const hit = fault === undefined ? -1 : fault.at - offset
          offset += piece.length
          if (hit >= 0 && hit < piece.length) {
            this.struck++
            if (fault?.what === 'corrupt') piece.writeUInt8(piece.readUInt8(hit) ^ 0x5a, hit)
            else to.write(piece.subarray(0, hit))
            if (fault?.what === 'cut') {
              await new Promise((resolve) => to.write('', resolve))
              cutOff(from)
              cutOff(to)
              return
            }
            // What stalls is held until the test ends.
            if (fault?.what === 'stall') return
          }
          if (!to.write(piece)) await once(to, 'drain')
          if (chunk.length > this.pieceSize) await new Promise(setImmediate)
        }
      }
      to.end()
    } catch {
      from.destroy()
      to.destroy()
    }
  }
}

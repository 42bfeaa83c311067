import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { type Frame, FrameDecoder } from '@jftp/protocol'

/** A peer that sends exactly the bytes it is given, and returns the frames that come back. */
export class WirePeer {
  readonly #socket: Socket
  readonly #decoder = new FrameDecoder({ data: 'whole' })
  readonly #chunks: AsyncIterator<Uint8Array>

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  }

  static async connect(url: string): Promise<WirePeer> {
    const { hostname, port } = new URL(url)
    const socket = createConnection(Number(port), hostname)
    await once(socket, 'connect')
    return new WirePeer(socket)
  }

  send(hex: string): void {
    this.#socket.write(Buffer.from(hex, 'hex'))
  }

  /** The next frame; undefined if the other side has closed the connection. */
  async next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#decoder.next()
      if (frame !== undefined) return frame
      const chunk = await this.#chunks.next()
      if (chunk.done === true) {
        this.#decoder.end()
        return undefined
      }
      this.#decoder.push(chunk.value)
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}

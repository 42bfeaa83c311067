import { createHash } from 'node:crypto'
import { StreamRequestHandler } from '@jftp/socketserver'

const PIECE = Buffer.alloc(256 * 1024, 'b')

/** Echoes lines; to `send <bytes>` and `hash <bytes>` sends that many bytes, hashed with SHA-256 in the latter. */
export default class BenchHandler extends StreamRequestHandler {
  async handle() {
    for await (const line of this.rfile) {
      const [command, bytes] = line.toString().trim().split(' ')
      if (command === 'send' || command === 'hash') await this.#send(Number(bytes), command)
      else await this.wfile.write(line)
    }
  }

  async #send(bytes, command) {
    const hash = command === 'hash' ? createHash('sha256') : undefined
    for (let left = bytes; left > 0; left -= PIECE.byteLength) {
      hash?.update(PIECE)
      await this.wfile.write(PIECE)
    }
  }
}

import { createHash } from 'node:crypto'
import { StreamRequestHandler } from '@jftp/socketserver'

const PIECE = Buffer.alloc(256 * 1024, 'b')

/**
 * Echoes lines; to `send <bytes>` and `hash <bytes>` sends that many bytes, hashed with SHA-256 in the latter;
 * `compute` keeps its thread busy for about 15 ms before the answer.
 */
export default class BenchHandler extends StreamRequestHandler {
  async handle() {
    for await (const line of this.rfile) {
      const [command, bytes] = line.toString().trim().split(' ')
      if (command === 'send' || command === 'hash') await this.#send(Number(bytes), command)
      else {
        if (command === 'compute') compute()
        await this.wfile.write(line)
      }
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

function compute() {
  const hash = createHash('sha256')
  for (let round = 0; round < 100; round += 1) hash.update(PIECE)
}

import { StreamRequestHandler } from '@jftp/socketserver'

const PIECE = Buffer.alloc(64 * 1024, 's')

/** Echoes lines. It sends as many bytes as `send <bytes>` says, and it throws if a line is not text. */
export default class SoakHandler extends StreamRequestHandler {
  timeout = 1000

  async handle() {
    for await (const line of this.rfile) {
      const text = line.toString()
      if (text.includes('\ufffd')) throw new Error('this line is not text')
      const [command, bytes] = text.split(' ')
      if (command === 'send') await this.#send(Number(bytes))
      else await this.wfile.write(line)
    }
  }

  async #send(bytes) {
    for (let left = bytes; left > 0; left -= PIECE.byteLength) await this.wfile.write(PIECE)
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { StreamRequestHandler } from '@jftp/socketserver'

const PIECE = Buffer.alloc(64 * 1024, 's')

/**
 * Echoes lines. It sends as many bytes as `send <bytes>` says, tells how much memory V8 uses in its thread or process if
 * it is asked for `memory`, and throws if a line is not text.
 */
export default class SoakHandler extends StreamRequestHandler {
  timeout = 1000

  async handle() {
    for await (const line of this.rfile) {
      const text = line.toString()
      if (text.includes('\ufffd')) throw new Error('this line is not text')
      const [command, bytes] = text.trim().split(' ')
      if (command === 'send') await this.#send(Number(bytes))
      else if (command === 'memory') await this.wfile.write(JSON.stringify(await usedMemory()))
      else await this.wfile.write(line)
    }
  }

  async #send(bytes) {
    for (let left = bytes; left > 0; left -= PIECE.byteLength) await this.wfile.write(PIECE)
  }
}

/** In bytes, without garbage. */
export async function usedMemory() {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc')
  for (let round = 0; round < 3; round += 1) {
    collectGarbage()
    await delay(20)
  }
  const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
  return { heapUsed, heapTotal, external, arrayBuffers }
}

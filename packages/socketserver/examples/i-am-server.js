import { StreamRequestHandler } from '@jftp/socketserver'
import { serveIfMain } from './serve.js'

/** Answers whatever it is told with the same words. */
export default class IAmServer extends StreamRequestHandler {
  async handle() {
    while ((await this.rfile.read(1024)).byteLength > 0) await this.wfile.write('I am server')
  }
}

await serveIfMain(import.meta.url, 8888)

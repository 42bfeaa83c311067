import { StreamRequestHandler } from '@jftp/socketserver'
import { serveIfMain } from './serve.js'

/** Sends back what comes in capitals, for as long as the client stays. */
export default class UpperEcho extends StreamRequestHandler {
  async handle() {
    for (;;) {
      const data = await this.rfile.read(1024)
      if (data.byteLength === 0) return
      const text = data.toString().trim()
      console.log(`${this.clientAddress[0]} wrote: ${JSON.stringify(text)}`)
      await this.wfile.write(text.toUpperCase())
    }
  }
}

await serveIfMain(import.meta.url, 9999)

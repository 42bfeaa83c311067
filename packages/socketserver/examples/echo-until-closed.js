import { StreamRequestHandler, TCPServer } from '@jftp/socketserver'
import { serveIfMain } from './serve.js'

/** Sends back what it is sent. When its client has left, it shuts the server down. */
export default class EchoUntilClosed extends StreamRequestHandler {
  async handle() {
    for (;;) {
      const data = await this.rfile.read(1024)
      if (data.byteLength === 0) break
      console.log(`Receive Data: ${data}`)
      await this.wfile.write(data)
    }
    await this.server.shutdown()
  }
}

await serveIfMain(import.meta.url, 10888, TCPServer, EchoUntilClosed)

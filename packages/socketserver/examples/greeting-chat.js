import { StreamRequestHandler } from '@jftp/socketserver'
import { serveIfMain } from './serve.js'

/** Greets, confirms each message, and leaves when the client says `exit`. */
export default class GreetingChat extends StreamRequestHandler {
  async handle() {
    await this.wfile.write('Welcome to the socketserver!')
    for (;;) {
      const message = (await this.rfile.read(1024)).toString()
      if (message === '' || message === 'exit') break
      console.log(`message from ${this.clientAddress}: ${JSON.stringify(message)}`)
      await this.wfile.write(`your message has come: <${message}>`)
    }
    console.log(`${this.clientAddress} has left`)
  }
}

await serveIfMain(import.meta.url, 9999)

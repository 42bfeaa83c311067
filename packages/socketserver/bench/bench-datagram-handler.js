import { DatagramRequestHandler } from '@jftp/socketserver'

/** Echoes datagrams. */
export default class BenchDatagramHandler extends DatagramRequestHandler {
  async handle() {
    await this.wfile.write(this.packet)
  }
}

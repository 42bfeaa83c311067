import { Readable } from 'node:stream'
import type { DatagramRequest, DatagramSender } from '../datagrams/datagram-request.js'
import { BaseRequestHandler } from './base-request-handler.js'
import { DatagramWriter } from './datagram-writer.js'
import { StreamReader } from './stream-reader.js'

/**
 * A handler for datagram servers: `rfile` reads from the datagram that came. What is written to `wfile` is sent
 * back as one datagram when `handle` has returned; if nothing was written, the datagram is empty.
 */
export class DatagramRequestHandler<Context = unknown> extends BaseRequestHandler<DatagramRequest, Context> {
  packet!: Buffer
  /** The server's socket. Use it to send several datagrams, or to send to other addresses. */
  socket!: DatagramSender
  rfile!: StreamReader
  wfile!: DatagramWriter

  override setup(): void | Promise<void> {
    this.packet = this.request.packet
    this.socket = this.request.socket
    this.rfile = new StreamReader(Readable.from([this.packet], { objectMode: false }), null)
    this.wfile = new DatagramWriter()
  }

  override async finish(): Promise<void> {
    const answer = this.wfile.getValue()
    // A Unix client without a path can't be answered. That is an error only if the handler has written an answer.
    if (this.clientAddress !== '' || answer.byteLength > 0) await this.socket.send(answer, this.clientAddress)
  }
}

import { Readable } from 'node:stream'
import type { DatagramRequest, DatagramSender } from '../datagrams/datagram-request.js'
import { BaseRequestHandler } from './base-request-handler.js'
import { DatagramWriter } from './datagram-writer.js'
import { StreamReader } from './stream-reader.js'

/**
 * A handler for datagram servers: `rfile` reads from the datagram that came, and what is written to `wfile` is
 * sent back as one datagram when `handle` has returned, even if that is nothing at all.
 */
export class DatagramRequestHandler<Context = unknown> extends BaseRequestHandler<DatagramRequest, Context> {
  packet!: Buffer
  /** The server's socket, for datagrams to others or more than one. */
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
    // A Unix client without a path can't be answered. Only a handler that tried to is told.
    if (this.clientAddress !== '' || answer.byteLength > 0) await this.socket.send(answer, this.clientAddress)
  }
}

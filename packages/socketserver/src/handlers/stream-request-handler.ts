import { BaseRequestHandler } from './base-request-handler.js'
import { StreamReader } from './stream-reader.js'
import type { StreamRequest } from './stream-request.js'
import { StreamWriter } from './stream-writer.js'

/** A handler for stream servers with `rfile` to read from and `wfile` to write to. */
export class StreamRequestHandler<Context = unknown> extends BaseRequestHandler<StreamRequest, Context> {
  /** Milliseconds that one read or write may wait for the peer; then it rejects with `TIMED_OUT`. */
  timeout: number | null = null
  /** `false` lets the kernel gather small writes into full segments, which may delay each by up to 40 ms. */
  disableNagleAlgorithm = true

  rfile!: StreamReader
  wfile!: StreamWriter

  override setup(): void | Promise<void> {
    const { request } = this
    if (!this.disableNagleAlgorithm) request.setNoDelay(false)
    this.rfile = new StreamReader(request, this.timeout)
    this.wfile = new StreamWriter(request, this.timeout)
  }

  override async finish(): Promise<void> {
    try {
      await this.wfile.flush()
    } catch {
      // The connection failed before everything was sent. A handler that must know this awaits `flush` itself.
    }
  }
}

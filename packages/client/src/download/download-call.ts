import { type DigestAlgorithm, type End, ProtocolError } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Ownership } from '../calls/call.js'
import { OutgoingCall } from '../calls/outgoing-call.js'
import type { Connection } from '../connection/connection.js'
import type { Memory } from '../connection/dial.js'
import { type FtpError, fromWireError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'

/** A `get`. It collects what one chunk brings, so that the pieces are written together. */
export abstract class DownloadCall<T> extends OutgoingCall<'get', T> {
  protected readonly connection: Connection
  protected readonly digest: DigestAlgorithm
  /** Pieces of the chunk that is being decoded. */
  #pieces: Uint8Array[] = []
  #end: End | undefined

  constructor(
    connection: Connection,
    path: string,
    { digest, signal }: { digest: DigestAlgorithm; signal: AbortSignal | undefined },
  ) {
    super('get', path, signal)
    this.connection = connection
    this.digest = digest
  }

  override prepare(): Promise<void> | undefined {
    return this.connection.digests.prepare(this.digest)
  }

  override deliver(ownership: Ownership): Memory {
    const pieces = this.#pieces
    this.#pieces = []
    if (this.settled) return 'free'
    this.guard(() => {
      if (pieces.length > 0) this.write(pieces, ownership)
      if (this.#end?.type === 'failed') this.fail(fromWireError(this.#end.error, this.path))
      else if (this.#end !== undefined) this.complete(this.#end)
    })
    return pieces.length > 0 ? this.memory : 'free'
  }

  protected take(piece: Uint8Array): void {
    this.#pieces.push(piece)
  }

  protected finish(end: End): void {
    this.#end = end
  }

  /** A failure on this side ends the call, at the server too. */
  protected guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.connection.cancel(this, this.localFailure(error))
    }
  }

  /** What was thrown on this side. A check of the protocol is about the remote path, all else about the local one. */
  protected localFailure(error: unknown): FtpError {
    return fromLocalError(error, error instanceof ProtocolError ? this.path : this.local)
  }

  protected override dropped(_error: FtpError): void {
    this.#pieces = []
  }

  protected abstract write(pieces: Uint8Array[], ownership: Ownership): void

  /** All bytes have been handed to `write`, and `announced` is what the server says of them. */
  protected abstract complete(announced: TransferSummary): void

  /** Where the bytes go, if that has a path. */
  protected abstract get local(): string | undefined

  /** Whether `write` keeps pieces after it has returned. */
  protected abstract get memory(): Memory
}

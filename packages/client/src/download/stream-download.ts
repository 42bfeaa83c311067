import { createDigester, type DigestAlgorithm, type Digester } from '@jftp/protocol'
import type { TransferSummary } from '@jftp/transfer'
import type { Ownership } from '../calls/call.js'
import type { FtpError } from '../errors/ftp-error.js'
import { fromLocalError } from '../errors/local-error.js'
import type { DownloadOutcome, DownloadSink, RemoteFacts } from './download-sink.js'

/** A stream gets the bytes as they come; whether they were right is known at the end only. */
export abstract class StreamDownload implements DownloadSink {
  readonly local = undefined
  readonly memory = 'kept'
  readonly start = undefined
  readonly keeping = undefined
  #digester: Digester | undefined
  #size = 0

  abstract prepare(): 'needed'

  skips(): boolean {
    return false
  }

  open(_facts: RemoteFacts, digest: DigestAlgorithm): void {
    this.#digester = createDigester(digest)
  }

  write(pieces: Uint8Array[], ownership: Ownership): Promise<void> | void {
    for (const piece of pieces) {
      this.#digester?.update(piece)
      this.#size += piece.length
      // Another call that has pieces of the same chunk may give its memory away.
      this.pass(ownership === 'sole' ? piece : new Uint8Array(piece))
    }
    return this.room()
  }

  finish(): TransferSummary {
    return { size: this.#size, digest: this.#digester?.digest() }
  }

  commit(done: (outcome: DownloadOutcome | FtpError) => void): void {
    this.finished().then(
      () => done({ status: 'received' }),
      (error: unknown) => done(fromLocalError(error, undefined)),
    )
  }

  /** Destroys the stream, also one to which nothing was written. */
  abstract discard(error: FtpError): void

  /** Hands a piece on. Throws what the stream failed with. */
  protected abstract pass(piece: Uint8Array): void

  /** Resolves when the stream takes more; nothing if it does so already. */
  protected abstract room(): Promise<void> | void

  /** Ends the stream; resolves when it has taken everything. */
  protected abstract finished(): Promise<void>
}

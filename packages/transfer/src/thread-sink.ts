import type { ByteSink, TransferSummary } from './byte-source.js'
import { ChunkBatch } from './chunk-batch.js'
import { type Deferred, defer } from './deferred.js'
import { ThreadJob } from './thread-job.js'
import type { ThreadReply } from './thread-messages.js'

/** Bytes gathered before they cross. A message for every 64 KiB that a socket reads would cost a tenth of a core. */
const BATCH_SIZE = 256 * 1024

/**
 * Bytes that may be on their way to the disk in the thread; with more, `write` asks to wait. More would only mean that
 * the bytes have left the caches of the processor, and their memory is not free to be read into, when they are written.
 */
const CREDIT = 2 * 1024 * 1024

/** A sink that writes in the transfer thread, as the calling thread sees it. */
export class ThreadSink extends ThreadJob implements ByteSink {
  readonly #batch = new ChunkBatch()
  #outstanding = 0
  #writer: Deferred<void> | undefined
  #finishing: Deferred<TransferSummary> | undefined

  write(pieces: Uint8Array[]): void | Promise<void> {
    if (this.error !== undefined) throw this.error
    for (const piece of pieces) this.#batch.add(piece)
    if (this.#batch.size >= BATCH_SIZE) this.#flush()
    if (this.#outstanding < CREDIT) return
    this.#writer ??= defer()
    return this.#writer.promise
  }

  finish(): Promise<TransferSummary> {
    this.#finishing = defer()
    if (this.error !== undefined) {
      this.#finishing.reject(this.error)
    } else {
      this.#flush()
      this.link.post({ type: 'finish', id: this.link.id })
    }
    return this.#finishing.promise
  }

  protected override advance(reply: ThreadReply): void {
    if (reply.type === 'finished') this.#finishing?.resolve(reply.summary)
    if (reply.type !== 'written') return
    this.#outstanding -= reply.bytes
    if (this.#writer === undefined || this.#outstanding > CREDIT / 2) return
    this.#writer.resolve()
    this.#writer = undefined
  }

  protected override stopWaiting(error: Error): void {
    this.#writer?.reject(error)
    this.#finishing?.reject(error)
  }

  #flush(): void {
    if (this.#batch.size === 0) return
    this.#outstanding += this.#batch.size
    const { chunks, transfer } = this.#batch.take()
    this.link.post({ type: 'write', id: this.link.id, chunks }, transfer)
  }
}

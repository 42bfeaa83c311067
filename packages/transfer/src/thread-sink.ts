import type { ByteSink, Passed } from './byte-source.js'
import { ChunkBatch } from './chunk-batch.js'
import { type Deferred, defer } from './deferred.js'
import { unpackError } from './thread-error.js'
import type { ThreadReply } from './thread-messages.js'
import type { ThreadLink } from './transfer-thread.js'

/** Bytes gathered before they cross: a message for every 64 KiB a socket reads would cost a tenth of a core. */
const BATCH_SIZE = 256 * 1024

/** Bytes the thread may have and not yet have written before `write` asks to wait. */
const CREDIT = 8 * 1024 * 1024

/** The near side of a sink that writes in the transfer thread. */
export class ThreadSink implements ByteSink {
  readonly #link: ThreadLink
  readonly #batch = new ChunkBatch()
  #outstanding = 0
  #writer: Deferred<void> | undefined
  #finishing: Deferred<Passed> | undefined
  #closing: Deferred<void> | undefined
  #error: Error | undefined

  constructor(link: ThreadLink) {
    this.#link = link
  }

  write(pieces: Uint8Array[]): void | Promise<void> {
    if (this.#error !== undefined) throw this.#error
    for (const piece of pieces) this.#batch.add(piece)
    if (this.#batch.size >= BATCH_SIZE) this.#flush()
    if (this.#outstanding < CREDIT) return
    this.#writer ??= defer()
    return this.#writer.promise
  }

  finish(): Promise<Passed> {
    this.#finishing = defer()
    if (this.#error !== undefined) {
      this.#finishing.reject(this.#error)
    } else {
      this.#flush()
      this.#link.post({ type: 'finish', id: this.#link.id })
    }
    return this.#finishing.promise
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = defer()
      this.#link.post({ type: 'close', id: this.#link.id })
    }
    return this.#closing.promise
  }

  receive(reply: ThreadReply): void {
    if (reply.type === 'written') this.#credit(reply.bytes)
    else if (reply.type === 'finished') this.#finishing?.resolve({ size: reply.size, digest: reply.digest })
    else if (reply.type === 'failed') this.#setError(unpackError(reply.error))
    else if (reply.type === 'closed') this.#leave()
  }

  fail(error: Error): void {
    this.#setError(error)
    this.#closing ??= defer()
    this.#leave()
  }

  #flush(): void {
    if (this.#batch.size === 0) return
    this.#outstanding += this.#batch.size
    const { chunks, transfer } = this.#batch.take()
    this.#link.post({ type: 'write', id: this.#link.id, chunks }, transfer)
  }

  #credit(bytes: number): void {
    this.#outstanding -= bytes
    if (this.#writer === undefined || this.#outstanding > CREDIT / 2) return
    this.#writer.resolve()
    this.#writer = undefined
  }

  #setError(error: Error): void {
    this.#error = error
    this.#writer?.reject(error)
    this.#finishing?.reject(error)
  }

  #leave(): void {
    this.#link.leave()
    this.#closing?.resolve()
  }
}

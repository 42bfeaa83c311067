import type { ByteSource, DataFrame, TransferSummary } from './byte-source.js'
import { type Deferred, defer } from './deferred.js'
import { ThreadJob } from './thread-job.js'
import { type SourceResult, type ThreadReply, unpackError } from './thread-messages.js'

/** A source that reads in the transfer thread, as the calling thread sees it. */
export class ThreadSource extends ThreadJob implements ByteSource {
  readonly #readAhead: DataFrame[] = []
  #reader: Deferred<DataFrame | undefined> | undefined
  /** Set when the file has been read to its end. */
  #result: SourceResult | undefined

  read(): DataFrame | undefined | Promise<DataFrame | undefined> {
    if (this.#readAhead.length > 0) return this.#readAhead.shift()
    if (this.#result !== undefined) return undefined
    if (this.error !== undefined) throw this.error
    this.#reader = defer()
    return this.#reader.promise
  }

  recycle(buffer: ArrayBuffer): void {
    if (this.isWorking) this.link.post({ type: 'recycle', id: this.link.id, buffer }, [buffer])
  }

  finish(): TransferSummary {
    if (this.#result?.type === 'read') return this.#result.summary
    if (this.#result?.type === 'failed') throw unpackError(this.#result.error)
    throw this.error ?? new Error('finish was called before the last piece was read')
  }

  protected override advance(reply: ThreadReply): void {
    if (reply.type === 'piece') {
      this.#deliver({ frame: new Uint8Array(reply.buffer, 0, reply.length) })
    } else if (reply.type === 'last') {
      this.#result = reply.result
      this.#reader?.resolve(undefined)
      this.leave()
    }
  }

  protected override stopWaiting(error: Error): void {
    this.#reader?.reject(error)
  }

  #deliver(piece: DataFrame): void {
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) this.#readAhead.push(piece)
    else reader.resolve(piece)
  }
}

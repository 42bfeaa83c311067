import type { ByteSource, Passed } from './byte-source.js'
import { type Deferred, defer } from './deferred.js'
import type { Piece } from './piece.js'
import { unpackError } from './thread-error.js'
import type { ThreadReply } from './thread-messages.js'
import type { ThreadLink } from './transfer-thread.js'

/** The near side of a source that reads in the transfer thread. */
export class ThreadSource implements ByteSource {
  readonly #link: ThreadLink
  /** Pieces read ahead; `undefined` closes the row. */
  readonly #ready: (Piece | undefined)[] = []
  #reader: Deferred<Piece | undefined> | undefined
  #finishing: Deferred<Passed> | undefined
  #closing: Deferred<void> | undefined
  #error: Error | undefined

  constructor(link: ThreadLink) {
    this.#link = link
  }

  read(): Piece | undefined | Promise<Piece | undefined> {
    if (this.#ready.length > 0) return this.#ready.shift()
    if (this.#error !== undefined) throw this.#error
    this.#reader = defer()
    return this.#reader.promise
  }

  recycle(buffer: ArrayBuffer): void {
    if (this.#closing === undefined) {
      this.#link.post({ type: 'recycle', id: this.#link.id, buffer }, [buffer])
    }
  }

  finish(): Promise<Passed> {
    this.#finishing = defer()
    if (this.#error !== undefined) this.#finishing.reject(this.#error)
    else this.#link.post({ type: 'finish', id: this.#link.id })
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
    if (reply.type === 'piece') this.#deliver({ frame: new Uint8Array(reply.buffer, 0, reply.length) })
    else if (reply.type === 'last') this.#deliver(undefined)
    else if (reply.type === 'finished') this.#finishing?.resolve({ size: reply.size, digest: reply.digest })
    else if (reply.type === 'failed') this.#setError(unpackError(reply.error))
    else if (reply.type === 'closed') this.#leave()
  }

  fail(error: Error): void {
    this.#setError(error)
    this.#closing ??= defer()
    this.#leave()
  }

  #deliver(piece: Piece | undefined): void {
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) this.#ready.push(piece)
    else reader.resolve(piece)
  }

  #setError(error: Error): void {
    this.#error = error
    this.#reader?.reject(error)
    this.#finishing?.reject(error)
  }

  #leave(): void {
    this.#link.leave()
    this.#closing?.resolve()
  }
}

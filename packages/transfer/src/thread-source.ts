import type { ByteSource } from './byte-source.js'
import { type Deferred, defer } from './deferred.js'
import type { Piece } from './piece.js'
import { ThreadJob } from './thread-job.js'
import type { ThreadReply } from './thread-messages.js'

/** The near side of a source that reads in the transfer thread. */
export class ThreadSource extends ThreadJob implements ByteSource {
  /** Pieces read ahead; `undefined` closes the row. */
  readonly #ready: (Piece | undefined)[] = []
  #reader: Deferred<Piece | undefined> | undefined

  read(): Piece | undefined | Promise<Piece | undefined> {
    if (this.#ready.length > 0) return this.#ready.shift()
    if (this.error !== undefined) throw this.error
    this.#reader = defer()
    return this.#reader.promise
  }

  recycle(buffer: ArrayBuffer): void {
    if (!this.isClosing) this.link.post({ type: 'recycle', id: this.link.id, buffer }, [buffer])
  }

  protected override advance(reply: ThreadReply): void {
    if (reply.type === 'piece') this.#deliver({ frame: new Uint8Array(reply.buffer, 0, reply.length) })
    else if (reply.type === 'last') this.#deliver(undefined)
  }

  protected override stopWaiting(error: Error): void {
    this.#reader?.reject(error)
  }

  #deliver(piece: Piece | undefined): void {
    const reader = this.#reader
    this.#reader = undefined
    if (reader === undefined) this.#ready.push(piece)
    else reader.resolve(piece)
  }
}

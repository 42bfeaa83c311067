import type { Passed } from './byte-source.js'
import { type Deferred, defer } from './deferred.js'
import { unpackError } from './thread-error.js'
import type { ThreadReply, ThreadRequest } from './thread-messages.js'

/** How a job reaches the thread. */
export interface ThreadLink {
  readonly id: number
  post(request: ThreadRequest, transfer?: ArrayBuffer[]): void
  /** The job is over: nothing more comes. */
  leave(): void
}

/** The near side of a source or sink whose work is done in the transfer thread: its end, good or bad. */
export abstract class ThreadJob {
  protected readonly link: ThreadLink
  /** The failure that all calls from now on end with. */
  protected error: Error | undefined
  #finishing: Deferred<Passed> | undefined
  #closing: Deferred<void> | undefined

  constructor(link: ThreadLink) {
    this.link = link
  }

  finish(): Promise<Passed> {
    this.#finishing = defer()
    if (this.error !== undefined) this.#finishing.reject(this.error)
    else this.link.post({ type: 'finish', id: this.link.id })
    return this.#finishing.promise
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = defer()
      this.link.post({ type: 'close', id: this.link.id })
    }
    return this.#closing.promise
  }

  receive(reply: ThreadReply): void {
    if (reply.type === 'finished') this.#finishing?.resolve({ size: reply.size, digest: reply.digest })
    else if (reply.type === 'failed') this.#setError(unpackError(reply.error))
    else if (reply.type === 'closed') this.#leave()
    else this.advance(reply)
  }

  /** The thread is gone. */
  fail(error: Error): void {
    this.#setError(error)
    this.#closing ??= defer()
    this.#leave()
  }

  /** Whether `close` has been called, or the thread is gone. */
  protected get isClosing(): boolean {
    return this.#closing !== undefined
  }

  /** A piece of the work is done. */
  protected abstract advance(reply: ThreadReply): void

  /** Tells whoever waits for work to be done that it won't be. */
  protected abstract stopWaiting(error: Error): void

  #setError(error: Error): void {
    this.error = error
    this.stopWaiting(error)
    this.#finishing?.reject(error)
  }

  #leave(): void {
    this.link.leave()
    this.#closing?.resolve()
  }
}

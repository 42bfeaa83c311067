import { type Deferred, defer } from './deferred.js'
import { type ThreadReply, type ThreadRequest, unpackError } from './thread-messages.js'

/** How a job reaches the thread. */
export interface ThreadLink {
  readonly id: number
  post(request: ThreadRequest, transfer?: ArrayBuffer[]): void
  /** The job is over: nothing more comes. */
  leave(): void
}

/** A source or sink as the calling thread sees it. Its work is done in the transfer thread; this part ends it. */
export abstract class ThreadJob {
  protected readonly link: ThreadLink
  /** Set when the job has failed: all later calls fail with it. */
  protected error: Error | undefined
  #state: 'working' | 'closing' | 'over' = 'working'
  #closing: Deferred<void> | undefined

  constructor(link: ThreadLink) {
    this.link = link
  }

  close(): void | Promise<void> {
    if (this.#state === 'over') return
    if (this.#closing === undefined) {
      this.#state = 'closing'
      this.#closing = defer()
      this.link.post({ type: 'close', id: this.link.id })
    }
    return this.#closing.promise
  }

  receive(reply: ThreadReply): void {
    if (reply.type === 'failed') this.#setError(unpackError(reply.error))
    else if (reply.type === 'closed') this.leave()
    else this.advance(reply)
  }

  /** The thread is gone. */
  fail(error: Error): void {
    this.#setError(error)
    this.leave()
  }

  /** False after `close` has been called, or when the thread has forgotten the job. */
  protected get isWorking(): boolean {
    return this.#state === 'working'
  }

  /** The thread has forgotten the job and does not touch its file any more. */
  protected leave(): void {
    this.#state = 'over'
    this.link.leave()
    this.#closing?.resolve()
  }

  /** A part of the work is done. */
  protected abstract advance(reply: ThreadReply): void

  /** Whoever waits for work to be done learns that it won't be. */
  protected abstract stopWaiting(error: Error): void

  #setError(error: Error): void {
    this.error = error
    this.stopWaiting(error)
  }
}

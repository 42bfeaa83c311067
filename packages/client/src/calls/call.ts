import { type CommandShape, ProtocolError } from '@jftp/protocol'
import type { Memory } from '../connection/dial.js'
import type { FtpError } from '../errors/ftp-error.js'

/** Where a call is, seen from the server. */
export type CallStage =
  | { readonly type: 'waiting' }
  | { readonly type: 'asked'; readonly id: number }
  | { readonly type: 'answered' }

/** What `start` did: sent all there is, begun an upload whose body holds the way, or found nothing to ask. */
export type Start = 'sent' | 'body-follows' | 'nothing'

/** Whether more frames will come for a call. */
export type Answer = 'more' | 'done'

/** Whether the memory of delivered pieces may be given away: other calls can have views of the same chunk. */
export type Ownership = 'sole' | 'shared'

/** A call, whatever it resolves to. */
export type AnyCall = Call<unknown>

/**
 * One call on a connection. The connection moves `stage` and hands in the answers, in the order of the
 * protocol; the promise may be settled before the last of them (a call that was cancelled still takes
 * its answers, and does nothing with them).
 */
export abstract class Call<T> {
  abstract readonly shape: CommandShape
  readonly promise: Promise<T>
  /** The remote path it is about. */
  readonly path: string | undefined
  readonly signal: AbortSignal | undefined
  stage: CallStage = { type: 'waiting' }
  /** Set by the connection: told once, when the promise is settled. */
  onSettled: (() => void) | undefined
  #resolve!: (value: never) => void
  #reject!: (error: FtpError) => void
  #settled = false

  constructor(path: string | undefined, signal: AbortSignal | undefined) {
    this.path = path
    this.signal = signal
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  get settled(): boolean {
    return this.#settled
  }

  /** The window admits it: send the request. What this throws fails the call; nothing was sent then. */
  abstract start(id: number): Start

  abstract ack(payload: Uint8Array): Answer

  data(_piece: Uint8Array): void {
    throw new ProtocolError('protocol-error', 'DATA came for a request that brings none')
  }

  /** Always the last frame of its call. */
  end(_payload: Uint8Array): void {
    throw new ProtocolError('protocol-error', 'END came for a request that brings no DATA')
  }

  /** Frames of this call came, and their chunk is decoded to its end. `kept`: its pieces are still in use. */
  deliver(_ownership: Ownership): Memory {
    return 'free'
  }

  /** What a caller whose connection broke should know: what is safe, what isn't known. */
  abstract afterLoss(): string

  /** What the server owes this call now, for a message; undefined if the next step is this side's. */
  abstract get awaited(): string | undefined

  /** Who waits for this call. Calls of one listing have the same reader: none of them waits for another. */
  get reader(): object {
    return this
  }

  succeed(value: T): void {
    if (this.#settled) return
    this.#settled = true
    this.#resolve(value as never)
    this.onSettled?.()
  }

  fail(error: FtpError): void {
    if (this.#settled) return
    this.#settled = true
    this.#reject(error)
    this.onSettled?.()
    this.dropped(error)
  }

  /** The call has failed: stop what goes on on this side. */
  protected dropped(_error: FtpError): void {}
}

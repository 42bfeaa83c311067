import { type CommandShape, ProtocolError } from '@jftp/protocol'
import type { Memory } from '../connection/dial.js'
import type { FtpError } from '../errors/ftp-error.js'

/** What the server knows of a call: nothing yet, its request, or that it is done with. */
export type CallStage =
  | { readonly type: 'waiting' }
  | { readonly type: 'asked'; readonly id: number }
  | { readonly type: 'answered' }

/**
 * What `start` did: it sent everything, it began an upload whose body is still to be sent, or it found that there
 * is nothing to ask.
 */
export type Start = 'sent' | 'body-follows' | 'nothing'

/** Whether more frames will come for a call. */
export type Answer = 'more' | 'done'

/** Whether a call may give away the memory of its pieces, or others have pieces of the same chunk. */
export type Ownership = 'sole' | 'shared'

/** A call, whatever it resolves to. */
export type AnyCall = Call<unknown>

/**
 * One call on a connection. The connection sets `stage` and hands in the answers, in the order of the protocol.
 * The promise may settle before the last answer: a cancelled call still takes its answers and ignores them.
 */
export abstract class Call<T> {
  abstract readonly shape: CommandShape
  readonly promise: Promise<T>
  /** The remote path it is about. */
  readonly path: string | undefined
  readonly signal: AbortSignal | undefined
  stage: CallStage = { type: 'waiting' }
  /** Set by the connection, and called once, when the promise is settled. */
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

  /** What has to be done before it can be sent; undefined if that is nothing. */
  prepare(): Promise<void> | undefined {
    return undefined
  }

  /** Sends the request. If this throws, nothing was sent, and the call fails. */
  abstract start(id: number): Start

  abstract ack(payload: Uint8Array): Answer

  data(_piece: Uint8Array): void {
    throw new ProtocolError('protocol-error', 'DATA came for a request that brings none')
  }

  /** Always the last frame of its call. */
  end(_payload: Uint8Array): void {
    throw new ProtocolError('protocol-error', 'END came for a request that brings no DATA')
  }

  /** Called when a chunk with frames of this call is decoded. Returns `kept` if its pieces are still in use. */
  deliver(_ownership: Ownership): Memory {
    return 'free'
  }

  /** What a caller should know if the connection breaks now: what is safe, and what is not known. */
  abstract afterLoss(): string

  /** What the server owes this call now, for a message; undefined if the next step is this side's. */
  abstract get awaited(): string | undefined

  /** Whether the server may work on it for any time, as long as it answers PINGs. */
  get mayTakeLong(): boolean {
    return false
  }

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

  /** Called when the call has failed, to stop what this side still does for it. */
  protected dropped(_error: FtpError): void {}
}

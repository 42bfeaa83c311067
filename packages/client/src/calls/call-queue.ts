import {
  encodeEmptyFrame,
  type Frame,
  FrameType,
  frameTypeName,
  MAX_REQUEST_ID,
  MAX_UNANSWERED_REQUESTS,
  ProtocolError,
} from '@jftp/protocol'
import type { Sent } from '../connection/connection-state.js'
import type { Memory } from '../connection/dial.js'
import type { Outbox } from '../connection/outbox.js'
import type { Throttle } from '../connection/throttle.js'
import { FtpError, toFtpError } from '../errors/ftp-error.js'
import type { AnyCall, Call } from './call.js'
import { Cancellations } from './cancellations.js'
import { Fifo } from './fifo.js'

type State = { readonly type: 'open' } | { readonly type: 'closed'; readonly reason: FtpError | undefined }

/**
 * The calls of one connection. They are sent in the order in which they were made, and get their answers, which
 * come in the same order. At most MAX_UNANSWERED_REQUESTS wait for an answer.
 */
export class CallQueue {
  readonly #outbox: Outbox
  readonly #throttle: Throttle
  readonly #onIdle: () => void
  readonly #waiting = new Fifo<AnyCall>()
  readonly #unanswered = new Fifo<AnyCall>()
  /** Calls that are answered and still busy on this side, because their files are being made durable. */
  readonly #finishing = new Set<AnyCall>()
  readonly #cancellations = new Cancellations((call, reason) => this.cancel(call, cancelled(call, reason)))
  /** Calls that somebody waits for, and that the server has not answered in full. */
  readonly #awaited = new Set<AnyCall>()
  /** Calls that got frames out of the current chunk. */
  #touched: AnyCall[] = []
  /** The upload whose body is being sent. The next one has to wait until all of it is sent. */
  #uploading: AnyCall | undefined
  /** The call whose preparation is waited for. Those behind it wait too, because the order of calls is kept. */
  #preparing: AnyCall | undefined
  #nextId = 1
  #state: State = { type: 'open' }

  /** `onIdle` is called after `close`, as soon as nothing is busy on this side any more. */
  constructor(outbox: Outbox, throttle: Throttle, onIdle: () => void) {
    this.#outbox = outbox
    this.#throttle = throttle
    this.#onIdle = onIdle
  }

  /** Queues a call. It is sent as soon as fewer calls wait for an answer. */
  run<T>(call: Call<T>): Promise<T> {
    const { signal } = call
    if (this.#state.type === 'closed') refuse(call, this.#state.reason)
    else if (signal?.aborted) call.fail(cancelled(call, signal.reason))
    else {
      call.onSettled = () => this.#settled(call)
      if (signal !== undefined) this.#cancellations.add(call, signal)
      this.#waiting.push(call)
      this.#awaited.add(call)
      this.#throttle.enter(call.reader)
      this.pump()
    }
    return call.promise
  }

  /** What the server owes, for a message; undefined if the next step is this side's, or there is none. */
  get awaited(): string | undefined {
    return this.#unanswered.peek()?.awaited
  }

  /** Whether the server may work for any time on what it owes. */
  get mayTakeLong(): boolean {
    return this.#unanswered.peek()?.mayTakeLong === true
  }

  /** Whether the server owes nothing. */
  get isIdle(): boolean {
    return this.#unanswered.length === 0
  }

  /** Fails a call and stops it at the server. */
  cancel(call: AnyCall, error: FtpError): void {
    if (call.settled) return
    call.fail(error)
    this.stop(call)
  }

  /** Stops a call at the server, if the server has not answered it in full. */
  stop(call: AnyCall): void {
    if (call.stage.type === 'asked') this.#outbox.add(encodeEmptyFrame(FrameType.CANCEL, call.stage.id))
  }

  /** Call this when the whole body of an upload is sent, so that the next upload can begin. */
  endUpload(call: AnyCall): void {
    if (this.#uploading !== call) return
    this.#uploading = undefined
    this.pump()
  }

  /** Sends what may be sent. */
  pump(): void {
    if (this.#state.type === 'closed') return
    for (let call = this.#waiting.peek(); call !== undefined; call = this.#waiting.peek()) {
      if (!call.settled && (!this.#admits(call) || !this.#isPrepared(call))) break
      this.#waiting.shift()
      if (!call.settled) this.#start(call)
    }
  }

  /** Hands an ACK, DATA or END to its call. Throws `protocol-error` if no call expects it. */
  answer({ type, id, payload }: Frame): void {
    const call = this.#unanswered.peek()
    if (call?.stage.type !== 'asked' || call.stage.id !== id) {
      throw new ProtocolError('protocol-error', `${frameTypeName(type)} ${id} is not for the oldest request`)
    }
    if (type !== FrameType.ACK && this.#touched.at(-1) !== call) this.#touched.push(call)
    if (type === FrameType.DATA) return call.data(payload)
    if (type === FrameType.END) call.end(payload)
    else if (call.ack(payload) === 'more') return
    this.#unanswered.shift()
    call.stage = { type: 'answered' }
    this.#forget(call)
    if (!call.settled) this.#finishing.add(call)
  }

  /** Call this when a chunk is decoded. The calls then work with what they got out of it. */
  deliver(): Memory {
    const touched = this.#touched
    if (touched.length === 0) return 'free'
    this.#touched = []
    const ownership = touched.length === 1 ? 'sole' : 'shared'
    const memories = touched.map((call) => call.deliver(ownership))
    return memories.includes('kept') ? 'kept' : 'free'
  }

  /**
   * No more answers will come, so all calls that wait for one fail. `reason` is undefined if this side closed the
   * connection.
   */
  close(reason: FtpError | undefined, sent: Sent): void {
    this.#state = { type: 'closed', reason }
    for (const call of this.#unanswered.drain()) {
      if (sent === 'nothing') call.stage = { type: 'waiting' }
      refuse(call, reason)
    }
    for (const call of this.#waiting.drain()) refuse(call, reason)
    if (this.#finishing.size === 0) this.#onIdle()
  }

  #admits(call: AnyCall): boolean {
    if (this.#unanswered.length + this.#finishing.size >= MAX_UNANSWERED_REQUESTS) return false
    if (this.#outbox.full) return false
    return call.shape !== 'incoming' || this.#uploading === undefined
  }

  #isPrepared(call: AnyCall): boolean {
    if (this.#preparing === call) return false
    const preparing = call.prepare()
    if (preparing === undefined) return true
    this.#preparing = call
    preparing
      .catch((error: unknown) => call.fail(toFtpError(error)))
      .finally(() => {
        this.#preparing = undefined
        this.pump()
      })
    return false
  }

  #start(call: AnyCall): void {
    const id = this.#nextId
    try {
      const start = call.start(id)
      if (start === 'nothing') return
      if (start === 'body-follows') this.#uploading = call
    } catch (error) {
      call.fail(toFtpError(error))
      return
    }
    this.#nextId = id === MAX_REQUEST_ID ? 1 : id + 1
    call.stage = { type: 'asked', id }
    this.#unanswered.push(call)
  }

  #settled(call: AnyCall): void {
    if (call.signal !== undefined) this.#cancellations.delete(call, call.signal)
    this.#throttle.release(call)
    this.#forget(call)
    if (!this.#finishing.delete(call)) return
    if (this.#state.type === 'open') this.pump()
    else if (this.#finishing.size === 0) this.#onIdle()
  }

  /** Nobody waits for the server because of this call any more. */
  #forget(call: AnyCall): void {
    if (this.#awaited.delete(call)) this.#throttle.leave(call.reader)
  }
}

function refuse(call: AnyCall, reason: FtpError | undefined): void {
  const { path, stage } = call
  const wasBegun = stage.type !== 'waiting'
  call.stage = { type: 'answered' }
  if (reason === undefined) {
    const consequence = wasBegun ? call.afterLoss() : 'this call was not begun'
    call.fail(new FtpError('closed', `the connection was closed on this side; ${consequence}`, { path }))
  } else if (wasBegun) {
    call.fail(new FtpError(reason.code, `${reason.message}; ${call.afterLoss()}`, { path, cause: reason }))
  } else {
    // The call was not sent, so the error is about the connection and does not name the call's path.
    call.fail(new FtpError(reason.code, reason.message, { cause: reason }))
  }
}

function cancelled({ path }: AnyCall, reason: unknown): FtpError {
  const about = path === undefined ? '' : `${path}: `
  return new FtpError('cancelled', `${about}cancelled before it was done`, { path, cause: reason })
}

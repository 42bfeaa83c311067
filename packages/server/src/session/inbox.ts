import { randomBytes } from 'node:crypto'
import {
  encodeEmptyFrame,
  type Frame,
  FrameDecoder,
  FrameType,
  frameTypeName,
  type Hello,
  MAX_JSON_SIZE,
  MAX_JSON_SIZE_BEFORE_LOGIN,
  MAX_WAITING_REQUESTS,
  ProtocolError,
  parseBye,
  parseEnd,
  parseHello,
} from '@jftp/protocol'
import { Exchange } from './exchange.js'
import type { FrameWriter } from './frame-writer.js'
import type { ReceivedMemory } from './received-memory.js'
import { cancelled, clientGone } from './session-error.js'
import { WaitingRequests } from './waiting-requests.js'

/** The most requests that are not over: those that wait, and refused uploads whose END has not come. */
const MAX_OPEN = 2 * MAX_WAITING_REQUESTS

/**
 * - `greeting`: the first frame must be a HELLO
 * - `login`: requests are small, and are read one at a time
 * - `open`: requests may be pipelined
 * - `ended`: nothing more is read, because the client has gone or broke the protocol
 */
type Phase = 'greeting' | 'login' | 'open' | 'ended'

/**
 * The receiving side of a session: bytes go in, and requests come out in the order of their arrival, each with its
 * body. It says when enough waits, so that no more is read. A breach of the protocol is thrown by `decode` or `take`.
 */
export class Inbox {
  readonly #writer: FrameWriter
  readonly #memory: ReceivedMemory
  readonly #onHello: (hello: Hello) => void
  readonly #decoder = new FrameDecoder({ data: 'pieces', maxJsonSize: MAX_JSON_SIZE_BEFORE_LOGIN })
  /** Every request not answered yet, by id, in the order they came. */
  readonly #open = new Map<number, Exchange>()
  readonly #waiting = new WaitingRequests()
  #running: Exchange | undefined
  #phase: Phase = 'greeting'
  /** Random, because the numbers of sessions begin anew with each start of the server. */
  readonly #sessionId = randomBytes(4).toString('hex')
  #requests = 0
  hasSaidBye = false

  constructor(writer: FrameWriter, memory: ReceivedMemory, onHello: (hello: Hello) => void) {
    this.#writer = writer
    this.#memory = memory
    this.#onHello = onHello
  }

  get hasEnded(): boolean {
    return this.#phase === 'ended'
  }

  /** Whether no request waits or is being handled. */
  get isIdle(): boolean {
    return this.#running === undefined && this.#waiting.count === 0
  }

  /** How many requests have come and wait for those before them. */
  get waiting(): number {
    return this.#waiting.count
  }

  /** Whether the request that is being handled waits for more of its body. */
  get isBodyAwaited(): boolean {
    return this.#running?.body.isAwaited === true
  }

  /** Whether requests may be pipelined: somebody has logged in. */
  get isOpen(): boolean {
    return this.#phase === 'open' || this.#phase === 'ended'
  }

  /** Adds bytes as they came: see `decode`. */
  push(chunk: Uint8Array): void {
    if (this.#phase === 'ended') return
    this.#memory.received(chunk)
    this.#decoder.push(chunk)
  }

  /** Bytes that have come and are not decoded yet. */
  get undecoded(): number {
    return this.#decoder.buffered
  }

  /** Decodes what has come, as far as the limits allow. To be called again when something was taken. */
  decode(): void {
    while (this.wantsMore) {
      const frame = this.#decoder.next()
      if (frame === undefined) break
      this.#route(frame)
    }
    this.#memory.decoded(this.#decoder.buffered)
  }

  /** False while so much waits to be handled that the peer should be held back. */
  get wantsMore(): boolean {
    if (this.#phase === 'ended') return false
    if (this.#phase === 'login') return this.isIdle || this.#isReceiving
    if (this.#waiting.hasRoom(this.#running?.body.size ?? 0)) return true
    if (this.#isReceiving && this.#running?.body.size === 0) {
      throw new ProtocolError(
        'protocol-error',
        'too many requests are waiting behind an upload that gets no DATA',
      )
    }
    return false
  }

  /** The next request, undefined if none waits. Throws if what waits is no request: a breach of the protocol. */
  take(): Exchange | undefined {
    const exchange = this.#waiting.take()
    if (exchange !== undefined) this.#running = exchange
    return exchange
  }

  /** The next request may be taken, though this one's answer may still be on its way. */
  leave(exchange: Exchange): void {
    if (this.#running === exchange) this.#running = undefined
  }

  /** To be called after the last answer. What still comes of the body is discarded, and its END frees the id. */
  answered(exchange: Exchange): void {
    this.leave(exchange)
    exchange.state = 'answered'
    if (exchange.body.isDue) {
      exchange.body.fail(new ProtocolError('cancelled', 'already answered'))
      // The exchange has to be kept until its END comes, which may take long.
      exchange.args = {}
    } else {
      this.#open.delete(exchange.id)
    }
  }

  /** To be called after the login: from now on requests may be large and may be pipelined. */
  openUp(): void {
    if (this.#phase === 'login') this.#phase = 'open'
    this.#decoder.maxJsonSize = MAX_JSON_SIZE
  }

  /** No more bytes come. Requests that have come whole are still handled; reading a cut body fails with `error`. */
  end(error: ProtocolError): void {
    this.#phase = 'ended'
    for (const { body } of this.#open.values()) {
      if (!body.hasEnded) body.fail(error)
    }
  }

  /** Nobody is there to be answered, so requests that wait are forgotten. */
  abandon(error: ProtocolError): void {
    this.end(error)
    this.#waiting.clear()
    this.#running?.cancel()
  }

  get #isReceiving(): boolean {
    return this.#running?.body.isDue === true
  }

  #route(frame: Frame): void {
    if (this.#phase === 'greeting' && frame.type !== FrameType.HELLO) {
      throw new ProtocolError(
        'protocol-error',
        `the first frame is a HELLO, not ${frameTypeName(frame.type)}`,
      )
    }
    switch (frame.type) {
      case FrameType.HELLO:
        return this.#hello(frame)
      case FrameType.REQUEST:
        return this.#request(frame)
      case FrameType.DATA:
        return this.#data(frame)
      case FrameType.END:
        return this.#end(frame)
      case FrameType.CANCEL:
        return this.#cancel(frame.id)
      case FrameType.PING:
        return this.#writer.send(encodeEmptyFrame(FrameType.PONG, frame.id))
      case FrameType.PONG:
        return
      case FrameType.BYE:
        parseBye(frame.payload)
        this.hasSaidBye = true
        return this.end(clientGone())
      case FrameType.ACK:
        throw new ProtocolError('protocol-error', 'a client sends no ACK')
    }
  }

  #hello({ payload }: Frame): void {
    if (this.#phase !== 'greeting') throw new ProtocolError('protocol-error', 'a second HELLO')
    this.#onHello(parseHello(payload))
    this.#phase = 'login'
  }

  #request({ id, payload }: Frame): void {
    if (this.#open.has(id)) throw new ProtocolError('protocol-error', `request id ${id} is still in use`)
    if (this.#open.size >= MAX_OPEN) {
      throw new ProtocolError(
        'protocol-error',
        `over ${MAX_OPEN} requests are under way, uploads without END among them`,
      )
    }
    this.#requests++
    const exchange = new Exchange(id, `${this.#sessionId}-${this.#requests}`, payload, this.#memory)
    this.#open.set(id, exchange)
    this.#waiting.add(exchange)
  }

  #data(frame: Frame): void {
    const exchange = this.#receiver(frame)
    const before = exchange.body.size
    exchange.body.push(frame.payload)
    this.#waiting.bodyChanged(exchange, before)
  }

  #end(frame: Frame): void {
    const exchange = this.#receiver(frame)
    exchange.body.end(parseEnd(frame.payload))
    if (exchange.state === 'answered') this.#open.delete(exchange.id)
  }

  #receiver({ id, type }: Frame): Exchange {
    const exchange = this.#open.get(id)
    if (exchange?.takesBody()) return exchange
    throw new ProtocolError(
      'protocol-error',
      `${frameTypeName(type)} for request ${id}, which takes none now`,
    )
  }

  #cancel(id: number): void {
    const exchange = this.#open.get(id)
    if (exchange === undefined) return
    exchange.cancel()
    const before = exchange.body.size
    exchange.body.fail(cancelled())
    this.#waiting.bodyChanged(exchange, before)
  }
}

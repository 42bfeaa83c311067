import {
  encodeJsonFrame,
  type Frame,
  FrameDecoder,
  FrameType,
  frameTypeName,
  ProtocolError,
  parseBye,
} from '@jftp/protocol'
import type { CallQueue } from '../calls/call-queue.js'
import { type FtpError, toFtpError } from '../errors/ftp-error.js'
import { brokenProtocol, dismissed } from '../errors/network-error.js'
import type { ConnectionState } from './connection-state.js'
import type { DigestOffer } from './digest-offer.js'
import { notJftp, readHello } from './greeting.js'
import type { LoginRequest } from './login-request.js'
import type { Outbox } from './outbox.js'
import type { Pings } from './pings.js'
import type { StallWatch } from './stall-watch.js'

export interface FrameReceiverOptions {
  /** Where the server is, for messages. */
  readonly address: string
  readonly digests: DigestOffer
  readonly login: LoginRequest
  readonly outbox: Outbox
  readonly calls: CallQueue
  readonly pings: Pings
  readonly watch: StallWatch
  readonly state: ConnectionState
  /** Ends the connection. */
  readonly abort: (reason: FtpError) => void
}

/** Decodes what the server sends, and hands each frame to the part of the connection that it is for. */
export class FrameReceiver {
  readonly #decoder = new FrameDecoder({ data: 'pieces' })
  readonly #options: FrameReceiverOptions

  constructor(options: FrameReceiverOptions) {
    this.#options = options
  }

  /** Takes the next bytes. The chunk belongs to the calls that got pieces of it from then on. */
  push(chunk: Uint8Array): void {
    try {
      this.#decoder.push(chunk)
      for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
        if (!this.#options.state.isOpen) break
        this.#take(frame)
      }
      this.#decoder.release()
    } catch (error) {
      this.#break(error, chunk)
    }
  }

  #take(frame: Frame): void {
    const { address, digests, login, calls, pings, watch, state, abort } = this.#options
    if (frame.type === FrameType.BYE) return abort(dismissed(address, parseBye(frame.payload)))
    if (state.phase !== 'greeted') {
      const hello = readHello(frame, address)
      digests.learn(hello.digests)
      login.learn(hello)
      watch.start()
      return state.advance('greeted')
    }
    switch (frame.type) {
      case FrameType.ACK:
      case FrameType.DATA:
      case FrameType.END:
        watch.progress()
        return calls.answer(frame)
      case FrameType.PING:
        // A server that holds a transfer back says so by PINGs.
        watch.progress()
        return pings.answerPing(frame.id)
      case FrameType.PONG:
        return pings.takePong(frame.id)
      default:
        throw new ProtocolError(
          'protocol-error',
          `no ${frameTypeName(frame.type)} may come from a server now`,
        )
    }
  }

  /** The server has broken the protocol, or does not speak it at all. */
  #break(error: unknown, chunk: Uint8Array): void {
    const { address, outbox, state, abort } = this.#options
    if (!(error instanceof ProtocolError)) return abort(toFtpError(error))
    if (state.phase === 'connected') return abort(notJftp(address, chunk, error))
    outbox.add(encodeJsonFrame(FrameType.BYE, 0, { error: error.toWire() }))
    abort(brokenProtocol(address, error))
  }
}

import { encodeJsonFrame, FrameType } from '@jftp/protocol'
import type { Exchange } from './exchange.js'
import type { FrameWriter } from './frame-writer.js'
import type { Inbox } from './inbox.js'
import { asProtocolError, toldError } from './session-error.js'
import type { SessionReporter } from './session-reporter.js'

/** Sends the ACKs of one session. */
export class Answers {
  readonly #writer: FrameWriter
  readonly #inbox: Inbox
  readonly #reporter: SessionReporter

  constructor(writer: FrameWriter, inbox: Inbox, reporter: SessionReporter) {
    this.#writer = writer
    this.#inbox = inbox
    this.#reporter = reporter
  }

  /** The last answer of a request that succeeded. */
  accept(exchange: Exchange, facts: object): void {
    this.send(exchange, facts)
    this.#inbox.answered(exchange)
  }

  /** The last answer of a request that failed. It is reported as well. */
  refuse(exchange: Exchange, cause: unknown): void {
    const error = asProtocolError(cause)
    this.#writer.send(
      encodeJsonFrame(FrameType.ACK, exchange.id, { ok: false, error: toldError(exchange, error) }),
    )
    this.#reporter.failed(exchange, error)
    this.#inbox.answered(exchange)
  }

  /** An answer behind which the request goes on. */
  send(exchange: Exchange, facts: object): void {
    this.#writer.send(encodeJsonFrame(FrameType.ACK, exchange.id, { ok: true, ...facts }))
  }
}

import { inspect } from 'node:util'
import type { Address } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { reportError } from './error-report.js'

/**
 * What a server does at the points where subclasses may want something else. `BaseServer` explains when each
 * is called; none needs to call `super`.
 */
export abstract class ServerHooks {
  /** Whether one more request may be taken now. Whoever makes it true again calls `arrivals.wake()`. */
  hasRoom(): boolean {
    return true
  }

  /** False turns the client away: the request is shut down and nothing else happens. */
  verifyRequest(_request: unknown, _clientAddress: Address): boolean | Promise<boolean> {
    return true
  }

  /** Ends the request in order: everything written is sent first. */
  async shutdownRequest(request: unknown): Promise<void> {
    this.closeRequest(request)
  }

  /** Lets go of the request at once. */
  closeRequest(_request: unknown): void {}

  /** A handler threw, or its thread or child died. The default prints the error to stderr. */
  handleError(_request: unknown, clientAddress: Address, error: unknown): void {
    reportError(`Exception occurred during processing of request from ${inspect(clientAddress)}`, error)
  }

  /** `handleRequest()` waited for `timeout` and nothing came. */
  handleTimeout(): void | Promise<void> {}

  /** A connection never became a request: accepting failed (EMFILE), or the TLS handshake did. */
  handleAcceptError(_error: Error, _clientAddress?: Address): void {}

  /** A handler called `this.server.notify(message)`. */
  handleMessage(_message: unknown, _clientAddress?: Address): void {}

  /**
   * A handler called `this.server.ask(question)` and awaits what this returns. `request` is the object that
   * `processRequest` and `closeRequest` get for the same connection, whatever the column. What this throws is
   * thrown in the handler. The default throws.
   */
  handleQuestion(_question: unknown, _request: unknown, _clientAddress: Address): unknown {
    throw new SocketServerError(
      'NO_ANSWER',
      'a handler asked its server, which has no answers: override handleQuestion(question, request, clientAddress)',
    )
  }

  /** Called once per turn of the loop of `serveForever()`. */
  serviceActions(): void | Promise<void> {}

  /** Stops listening, if it ever began. */
  protected closeSocket(): void {}
}

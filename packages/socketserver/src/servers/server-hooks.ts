import { inspect } from 'node:util'
import type { Address } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { reportError } from './error-report.js'

/**
 * What a server does at the points where subclasses may want something else. `BaseServer` explains when each
 * is called; none needs to call `super`. Each may be `async`, and what one throws or rejects with goes to
 * `handleError`.
 */
export abstract class ServerHooks<Request = unknown> {
  /** Whether one more request may be taken now. Whoever makes it true again calls `arrivals.wake()`. */
  hasRoom(): boolean {
    return true
  }

  /** False turns the client away: the request is shut down and nothing else happens. */
  verifyRequest(_request: Request, _clientAddress: Address): boolean | Promise<boolean> {
    return true
  }

  /**
   * A connection came while the server had `maxConnections`. What this writes is sent, then the connection is
   * closed. The default writes nothing. Datagrams that are too many are dropped without a call.
   */
  handleOverload(_request: Request, _clientAddress: Address): void | Promise<void> {}

  /** Ends the request in order: everything written is sent first. */
  async shutdownRequest(request: Request): Promise<void> {
    await this.closeRequest(request)
  }

  /** Lets go of the request at once. */
  closeRequest(_request: Request): void | Promise<void> {}

  /**
   * A handler threw, its thread or child died, or another hook threw; `request` and `clientAddress` are there if
   * the error belongs to a request. The default prints the error to stderr, and so is printed what this throws.
   */
  handleError(
    _request: Request | undefined,
    clientAddress: Address | undefined,
    error: unknown,
  ): void | Promise<void> {
    const where = clientAddress === undefined ? '' : ` of request from ${inspect(clientAddress)}`
    reportError(`Exception occurred during processing${where}`, error)
  }

  /** `handleRequest()` waited for `timeout` and nothing came. */
  handleTimeout(): void | Promise<void> {}

  /**
   * A connection never became a request: the TLS handshake failed, or accepting did. When descriptors run out
   * (`EMFILE`) the server stops accepting, and goes on when some are free; clients wait in the kernel's queue.
   */
  handleAcceptError(_error: Error, _clientAddress?: Address): void | Promise<void> {}

  /** A handler called `this.server.notify(message)`. */
  handleMessage(_message: unknown, _clientAddress?: Address): void | Promise<void> {}

  /**
   * A handler called `this.server.ask(question)` and awaits what this returns. `request` is the object that
   * `processRequest` and `closeRequest` get for the same connection, whatever the column. What this throws is
   * thrown in the handler. The default throws.
   */
  handleQuestion(_question: unknown, _request: Request, _clientAddress: Address): unknown {
    throw new SocketServerError(
      'NO_ANSWER',
      'a handler asked its server, which has no answers: override handleQuestion(question, request, clientAddress)',
    )
  }

  /** Called once per turn of the loop of `serveForever()`. */
  serviceActions(): void | Promise<void> {}

  /** Stops listening, if it ever began. */
  protected closeSocket(): void {}

  /** Calls a hook. Never rejects: what the hook throws goes to `handleError`. */
  protected callHook(
    hook: () => void | Promise<void>,
    request?: Request,
    clientAddress?: Address,
  ): void | Promise<void> {
    try {
      const result = hook()
      if (result === undefined) return
      return Promise.resolve(result).catch((error) => this.report(request, clientAddress, error))
    } catch (error) {
      return this.report(request, clientAddress, error)
    }
  }

  /** Calls `handleError`, whose own failure has nowhere to go but stderr. */
  protected async report(
    request: Request | undefined,
    clientAddress: Address | undefined,
    error: unknown,
  ): Promise<void> {
    try {
      await this.handleError(request, clientAddress, error)
    } catch (failure) {
      reportError('handleError itself failed', failure)
      reportError('It was called for', error)
    }
  }
}

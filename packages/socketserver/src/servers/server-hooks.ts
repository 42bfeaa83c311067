import { inspect } from 'node:util'
import type { Address } from '../address.js'
import { SocketServerError } from '../socket-server-error.js'
import { reportError } from './error-report.js'

/**
 * The hooks that subclasses may override. `BaseServer` explains when each is called. An override need not call
 * `super`, and it may be `async`. If a hook throws or rejects, `handleError` gets the error.
 */
export abstract class ServerHooks<Request = unknown> {
  /** Whether one more request may be taken now. When an override becomes true again, call `arrivals.wake()`. */
  hasRoom(): boolean {
    return true
  }

  /** If this returns false, the request is shut down and no handler runs. */
  verifyRequest(_request: Request, _clientAddress: Address): boolean | Promise<boolean> {
    return true
  }

  /**
   * Called if a connection comes while the server has `maxConnections`. What this writes is sent, and then the
   * connection is closed. The default writes nothing. If too many datagrams come, they are dropped without this call.
   */
  handleOverload(_request: Request, _clientAddress: Address): void | Promise<void> {}

  /** Ends the request in order: everything that was written is sent first. */
  async shutdownRequest(request: Request): Promise<void> {
    await this.closeRequest(request)
  }

  /** Closes the request at once. */
  closeRequest(_request: Request): void | Promise<void> {}

  /**
   * Called if a handler threw, its thread or child died, or another hook threw. `request` and `clientAddress` are
   * `undefined` if the error does not belong to a request. The default prints the error to stderr. Errors that this
   * hook throws are printed too.
   */
  handleError(
    _request: Request | undefined,
    clientAddress: Address | undefined,
    error: unknown,
  ): void | Promise<void> {
    const where = clientAddress === undefined ? '' : ` of request from ${inspect(clientAddress)}`
    reportError(`Exception occurred during processing${where}`, error)
  }

  /** Called if no request came within the `timeout` of `handleRequest()`. */
  handleTimeout(): void | Promise<void> {}

  /**
   * Called if a connection could not be accepted, or its TLS handshake or its PROXY header failed. In the last case it
   * gets the connection, and what this writes to it is sent before it is closed. If descriptors run out (`EMFILE`), the
   * server stops accepting until some are free, and clients wait in the kernel's queue.
   */
  handleAcceptError(_error: Error, _clientAddress?: Address, _connection?: unknown): void | Promise<void> {}

  /** Called if a handler calls `this.server.notify(message)`. */
  handleMessage(_message: unknown, _clientAddress?: Address): void | Promise<void> {}

  /**
   * Called if a handler calls `this.server.ask(question)`; the handler gets what this returns or throws. In all server
   * classes `request` is the object that `processRequest` and `closeRequest` get for the same connection. The default
   * throws.
   */
  handleQuestion(_question: unknown, _request: Request, _clientAddress: Address): unknown {
    throw new SocketServerError(
      'NO_ANSWER',
      'the server can not answer the question of a handler: override handleQuestion(question, request, clientAddress)',
    )
  }

  /** Called once in each turn of the loop of `serveForever()`. */
  serviceActions(): void | Promise<void> {}

  /** Stops listening. It may be called even if listening has never begun. */
  protected closeSocket(): void {}

  /** Calls a hook. Never rejects, because `handleError` gets the error if the hook throws. */
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

  /** Calls `handleError`. If that throws, both errors are printed to stderr. */
  protected async report(
    request: Request | undefined,
    clientAddress: Address | undefined,
    error: unknown,
  ): Promise<void> {
    try {
      await this.handleError(request, clientAddress, error)
    } catch (failure) {
      reportError('handleError threw this error', failure)
      reportError('handleError was called for this error', error)
    }
  }
}

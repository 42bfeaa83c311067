import type { Address } from '../address.js'

/**
 * What a handler sees of its server; it is the same in all server classes. A handler in a worker thread or a child
 * process gets a small object that passes the calls on to the server.
 */
export interface HandlerServer<Context = unknown> {
  /** The address on which the server listens. Its port is the real one, never 0. */
  readonly serverAddress: Address
  /** `options.context`. Each thread and each child has its own structured clone of it. */
  readonly context: Context
  /** Aborted when `shutdown()` begins, so that a long-lived handler can take leave of its client. */
  readonly closing: AbortSignal
  /** Calls `handleMessage(message, clientAddress)` of the server. The message must be cloneable. */
  notify(message: unknown, clientAddress?: Address): void
  /**
   * Calls `handleQuestion(question, request, clientAddress)` of the server and resolves with what that returns.
   * The question and the answer must be cloneable. If the hook throws, this rejects with the same error. It rejects
   * with the code `CLOSED` if the server cuts requests off before it has answered, or if the request is over.
   */
  ask<Answer = unknown>(question: unknown): Promise<Answer>
  /**
   * Ends the loop of `serveForever()`, as `shutdown()` of the server does. It doesn't wait for running requests,
   * so a handler may await it.
   */
  shutdown(): Promise<void>
}

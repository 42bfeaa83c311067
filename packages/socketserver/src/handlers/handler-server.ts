import type { Address } from '../address.js'

/**
 * What a handler sees of its server, the same in every column. In the process of the server it is the server
 * itself; in a worker thread or a child process it is a small stand-in.
 */
export interface HandlerServer<Context = unknown> {
  /** Where the server really listens: the port is never 0. */
  readonly serverAddress: Address
  /** `options.context`. Threads and children have a structured clone of it, each its own. */
  readonly context: Context
  /** Aborted when `shutdown()` begins, so that a long-lived handler can say goodbye. */
  readonly closing: AbortSignal
  /** Calls `handleMessage(message, clientAddress)` of the server. The message must be cloneable. */
  notify(message: unknown, clientAddress?: Address): void
  /**
   * Calls `handleQuestion(question, request, clientAddress)` of the server and resolves with what that returns.
   * The question and the answer must be cloneable. Rejects with the error if the hook throws, and with the code
   * `CLOSED` if the server cuts requests off before it has answered or if the handler's request is over.
   */
  ask<Answer = unknown>(question: unknown): Promise<Answer>
  /**
   * Ends the loop of `serveForever()`, as `shutdown()` of the server does. It doesn't wait for requests that
   * are running, so a handler may await it.
   */
  shutdown(): Promise<void>
}

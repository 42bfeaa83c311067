/** What went wrong, for programs. */
export type SocketServerErrorCode =
  /** `serveForever` was called while the loop of an earlier call was still running. */
  | 'ALREADY_SERVING'
  /** The server was closed before it was bound, before a request came or before it answered a question. */
  | 'CLOSED'
  /** The handler is not a class, its module can't be loaded, or the server needs a URL and was given a class. */
  | 'BAD_HANDLER'
  /** The address or an option has the wrong shape, or this platform does not support it. */
  | 'BAD_OPTION'
  /** A handler called `ask`, but the server's class does not override `handleQuestion`. */
  | 'NO_ANSWER'
  /** The worker thread or child process that ran the request ended. The cause, if known, is in `cause`. */
  | 'WORKER_EXITED'
  /** `StreamRequestHandler.timeout` ran out while reading or writing. */
  | 'TIMED_OUT'
  /** The peer closed the connection before it had sent all the bytes that were asked for. */
  | 'INCOMPLETE'
  /** The optional package `unix-dgram` or `koffi` can't be loaded. The message says how to install it. */
  | 'NO_UNIX_DATAGRAMS'

/** An error that this package itself reports. Errors of sockets and handlers are passed on unchanged. */
export class SocketServerError extends Error {
  override readonly name = 'SocketServerError'
  readonly code: SocketServerErrorCode

  constructor(code: SocketServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

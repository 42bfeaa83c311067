export type SocketServerErrorCode =
  /** `serveForever` was called while the loop of an earlier call still runs. */
  | 'ALREADY_SERVING'
  /** The server was closed before a request came, before it was bound, or before it answered a question. */
  | 'CLOSED'
  /** The handler is no class, its module can't be loaded, or a class was given where only a URL can be. */
  | 'BAD_HANDLER'
  /** The address or an option has the wrong shape, or this platform can't do what it asks for. */
  | 'BAD_OPTION'
  /** A handler asked its server, whose class does not override `handleQuestion`. */
  | 'NO_ANSWER'
  /** The worker thread or child process that ran the request ended. The cause, if known, is in `cause`. */
  | 'WORKER_EXITED'
  /** `StreamRequestHandler.timeout` ran out while reading or writing. */
  | 'TIMED_OUT'
  /** The peer closed before all bytes asked for had come. */
  | 'INCOMPLETE'
  /** The optional package `unix-dgram` is not there. The message says how to get it. */
  | 'NO_UNIX_DATAGRAMS'

/** What this package itself reports. Errors of sockets and handlers are passed on as they are. */
export class SocketServerError extends Error {
  override readonly name = 'SocketServerError'
  readonly code: SocketServerErrorCode

  constructor(code: SocketServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

import { ERROR_CODES, type ErrorCode } from './error-code.js'

/** An error in an ACK, an END or a BYE. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  /** The remote path that the error is about. */
  readonly path?: string | undefined
  /** What the server's log calls the request. */
  readonly id?: string | undefined
}

/** The longest message on the wire, in UTF-16 units, so that an error that quotes its cause still fits into a frame. */
export const MAX_MESSAGE_LENGTH = 1024

/** The one error class of the wire: decoders throw it, and a server answers with it. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ErrorCode
  readonly path: string | undefined
  /** What the server's log calls the request that failed; undefined if it was not told. */
  readonly id: string | undefined

  /** `message` is one line for people: the cause and, if there is one, the fix. It never contains a path of the server's disk. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { path?: string | undefined; id?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options.path
    this.id = options.id
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable
  }

  toWire(): WireError {
    const { code, retryable, path } = this
    const message = this.message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed()
    return path === undefined ? { code, message, retryable } : { code, message, retryable, path }
  }
}

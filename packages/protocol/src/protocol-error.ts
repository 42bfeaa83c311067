import { ERROR_CODES, type ErrorCode } from './error-code.js'

/** An error as it travels: in an ACK, an END or a BYE. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  /** The remote path it is about. */
  readonly path?: string | undefined
}

/** The longest message put on the wire, in UTF-16 units: one that quotes its cause still fits into a frame. */
const MAX_MESSAGE_LENGTH = 1024

/** The one error class of the wire: what a decoder throws, and what a server answers. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ErrorCode
  readonly path: string | undefined

  /** `message` is for people: cause and, where there is one, fix. It never holds a server's own path. */
  constructor(code: ErrorCode, message: string, options: { path?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options.path
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

import { ERROR_CODES, type ErrorCode } from './error-code.js'

/** An error as it travels: in an ACK, an END or a BYE. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  /** The remote path it is about. */
  readonly path?: string | undefined
}

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
    const { code, message, retryable, path } = this
    return path === undefined ? { code, message, retryable } : { code, message, retryable, path }
  }
}

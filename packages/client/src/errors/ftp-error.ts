import { ProtocolError, type WireError } from '@jftp/protocol'
import { FTP_ERROR_CODES, type FtpErrorCode } from './ftp-error-code.js'

/** The one error class of this library. `message` is one line for people: the cause and, if there is one, the fix. */
export class FtpError extends Error {
  override readonly name = 'FtpError'
  readonly code: FtpErrorCode
  /** The path that the error is about: a local one if the code begins with `local-`, else a remote one. */
  readonly path: string | undefined
  /** The fingerprint of the certificate that the server showed, if the error is about that: `sha256:` and hex. */
  readonly fingerprint: string | undefined

  constructor(
    code: FtpErrorCode,
    message: string,
    options: { path?: string | undefined; cause?: unknown; fingerprint?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.path = options.path
    const { cause } = options
    this.fingerprint = options.fingerprint ?? (cause instanceof FtpError ? cause.fingerprint : undefined)
  }

  /** What the server's log calls the request that failed; undefined if the error is not the server's. */
  get id(): string | undefined {
    const { cause } = this
    return cause instanceof ProtocolError || cause instanceof FtpError ? cause.id : undefined
  }

  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return FTP_ERROR_CODES[this.code].retryable
  }
}

/** What a decoder threw or a server answered, as the caller's error. It is about `path` if it names none itself. */
export function fromProtocolError(error: ProtocolError, path?: string): FtpError {
  const about = error.path ?? path
  const { message } = error
  // A call that the caller cancels fails at once, so this is the server's own decision.
  const code = error.code === 'cancelled' ? 'cancelled-by-server' : error.code
  const text = about === undefined || message.includes(about) ? message : `${about}: ${message}`
  return new FtpError(code, text, { path: about, cause: error })
}

/** What a server told in a line or an END, as the caller's error. It is about `path` if it names none itself. */
export function fromWireError({ code, message, path: about, id }: WireError, path: string): FtpError {
  return fromProtocolError(new ProtocolError(code, message, { id }), about ?? path)
}

/**
 * The error of an answer that is a refusal. If the answer was malformed instead, this throws: then the connection
 * ends, and not only the call.
 */
export function refusalOf(error: unknown, path: string | undefined): FtpError {
  if (error instanceof ProtocolError && error.code !== 'protocol-error') return fromProtocolError(error, path)
  throw error
}

/** What was thrown, as the caller's error. Anything but an FtpError or a ProtocolError is a defect. */
export function toFtpError(error: unknown, path?: string): FtpError {
  if (error instanceof FtpError) return error
  if (error instanceof ProtocolError) return fromProtocolError(error, path)
  return new FtpError('internal', `a defect in this client: ${String(error)}`, { path, cause: error })
}

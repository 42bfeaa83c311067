import { inspect } from 'node:util'

/**
 * An error in a form that can be sent between threads or processes. Structured cloning drops the class and the
 * `code` of an error, and fails if the error carries a function. This record keeps what a log or a caller needs.
 */
export interface ErrorRecord {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string | number
  readonly cause?: ErrorRecord
}

/** Causes of causes that are kept. An error may be its own cause. */
const MAX_CAUSES = 4

/** The classes that `reviveError` restores. An error of another class becomes an `Error` with the same name. */
const NATIVE = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((native) => [
    native.name,
    native,
  ]),
)

export function recordError(error: unknown, causes = MAX_CAUSES): ErrorRecord {
  if (!(error instanceof Error))
    return { name: 'Error', message: `the thrown value is not an Error: ${inspect(error)}` }
  const code = 'code' in error && isCode(error.code) ? error.code : undefined
  return {
    name: error.name,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(code !== undefined && { code }),
    ...(error.cause instanceof Error && causes > 0 && { cause: recordError(error.cause, causes - 1) }),
  }
}

function isCode(code: unknown): code is string | number {
  return typeof code === 'string' || typeof code === 'number'
}

/** Makes the error again, with the stack of the place where it was thrown. */
export function reviveError({ name, message, stack, code, cause }: ErrorRecord): Error {
  const options = cause === undefined ? undefined : { cause: reviveError(cause) }
  const error = new (NATIVE.get(name) ?? Error)(message, options)
  if (name !== error.name) {
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  }
  if (stack !== undefined) error.stack = stack
  return code === undefined ? error : Object.assign(error, { code })
}

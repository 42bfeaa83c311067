import { inspect } from 'node:util'

/**
 * An error on its way between threads or processes. Structured cloning keeps neither the class nor `code`
 * of an error, and fails on one that carries a function; this keeps what a log or a caller needs.
 */
export interface ErrorRecord {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string | number
}

/** Classes that come out as what they went in as; of others only the name does. */
const NATIVE = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((native) => [
    native.name,
    native,
  ]),
)

export function recordError(error: unknown): ErrorRecord {
  if (!(error instanceof Error))
    return { name: 'Error', message: `this was thrown, which is no Error: ${inspect(error)}` }
  const code = 'code' in error && isCode(error.code) ? error.code : undefined
  return {
    name: error.name,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(code !== undefined && { code }),
  }
}

function isCode(code: unknown): code is string | number {
  return typeof code === 'string' || typeof code === 'number'
}

/** The error again, with the stack it had where it was thrown. */
export function reviveError({ name, message, stack, code }: ErrorRecord): Error {
  const error = new (NATIVE.get(name) ?? Error)(message)
  if (name !== error.name) {
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  }
  if (stack !== undefined) error.stack = stack
  return code === undefined ? error : Object.assign(error, { code })
}

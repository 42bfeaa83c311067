/**
 * An error on its way between threads or processes. Structured cloning keeps neither the class nor `code`
 * of an error, and fails on one that carries a function; this keeps what a log or a caller needs.
 */
export interface ErrorRecord {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string
}

export function recordError(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) return { name: 'Error', message: `a handler threw ${String(error)}` }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    name: error.name,
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(code !== undefined && { code }),
  }
}

/** The error again, with the stack it had where it was thrown. */
export function reviveError(record: ErrorRecord): Error {
  const error = new Error(record.message)
  Object.defineProperty(error, 'name', { value: record.name, configurable: true, writable: true })
  if (record.stack !== undefined) error.stack = record.stack
  return record.code === undefined ? error : Object.assign(error, { code: record.code })
}

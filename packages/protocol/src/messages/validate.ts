import * as v from 'valibot'
import type { ErrorCode } from '../error-code.js'
import { ProtocolError } from '../protocol-error.js'

/**
 * Checks what a peer sent against a schema, and returns it with the schema's type. Throws `code` with the first field
 * that is wrong. No message is used before it has passed here.
 */
export function validate<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
  code: ErrorCode,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  throw new ProtocolError(code, `malformed ${what}: ${whatIsWrong(result.issues[0])}`)
}

function whatIsWrong(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue)
  if (field === null) return 'it must be an object'
  // valibot reports a missing field as an issue of the object that should have it.
  return issue.received === 'undefined' ? `'${field}' is missing` : `'${field}' ${issue.message}`
}

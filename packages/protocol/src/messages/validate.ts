import * as v from 'valibot'
import type { ErrorCode } from '../error-code.js'
import { ProtocolError } from '../protocol-error.js'

/** The one trust boundary for JSON: what passes has the schema's type; what doesn't throws `code`, naming the field. */
export function validate<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  what: string,
  code: ErrorCode,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const issue = result.issues[0]
  const field = v.getDotPath(issue)
  throw new ProtocolError(code, `bad ${what}: ${field === null ? '' : `${field}: `}${issue.message}`)
}

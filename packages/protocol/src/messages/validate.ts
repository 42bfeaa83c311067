import * as v from 'valibot'
import type { ErrorCode } from '../error-code.js'
import { ProtocolError } from '../protocol-error.js'

const ABORT_EARLY = { abortEarly: true } as const

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
  // What `safeParse` does, without the two objects that it makes besides.
  const { value: output, issues } = schema['~run']({ value }, ABORT_EARLY)
  if (issues === undefined) return output as v.InferOutput<S>
  throw new ProtocolError(code, `malformed ${what}: ${whatIsWrong(issues[0])}`)
}

function whatIsWrong(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue)
  if (field === null) return 'it must be an object'
  // valibot reports a missing field as an issue of the object that should have it.
  return issue.received === 'undefined' ? `'${field}' is missing` : `'${field}' ${issue.message}`
}

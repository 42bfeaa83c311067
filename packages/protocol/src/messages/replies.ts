import * as v from 'valibot'
import { isErrorCode } from '../error-code.js'
import { parseJsonPayload } from '../json.js'
import { ProtocolError, type WireError } from '../protocol-error.js'
import { type AckOf, COMMANDS, type CommandName } from './commands.js'
import { type Entry, entrySchema } from './entry.js'
import { byteCount, digest } from './fields.js'
import { validate } from './validate.js'

const wireErrorSchema = v.object({
  /** A code this side doesn't know, from a newer peer, is taken as `internal`. */
  code: v.pipe(
    v.string(),
    v.transform((code) => (isErrorCode(code) ? code : 'internal')),
  ),
  message: v.string(),
  retryable: v.boolean(),
  path: v.optional(v.string()),
})

const refusedSchema = v.object({ ok: v.literal(false), error: wireErrorSchema })

/** The body of an END: all bytes were sent, or why they were not. */
export type End =
  | { readonly size: number; readonly digest?: v.InferOutput<typeof digest> | undefined }
  | { readonly error: WireError }

const failedEndSchema = v.object({ error: wireErrorSchema })

const doneEndSchema = v.object({ size: byteCount, digest: v.optional(digest) })

/** The facts of an `ok` ACK to `cmd`; throws the error of a refusal, `protocol-error` for anything else. */
export function parseAck<C extends CommandName>(cmd: C, payload: Uint8Array): AckOf<C> {
  const body = parseJsonPayload(payload)
  if (body['ok'] !== true) {
    throw fromWire(validate(refusedSchema, body, `ACK to ${cmd}`, 'protocol-error').error)
  }
  return validate(COMMANDS[cmd].ack, body, `ACK to ${cmd}`, 'protocol-error') as AckOf<C>
}

/** Throws `protocol-error` if the END is malformed. An END with both a size or digest and an error is malformed. */
export function parseEnd(payload: Uint8Array): End {
  const body = parseJsonPayload(payload)
  if (body['error'] === undefined) return validate(doneEndSchema, body, 'END', 'protocol-error')
  if (body['size'] !== undefined || body['digest'] !== undefined) {
    throw new ProtocolError('protocol-error', 'bad END: it has an error and also a size or a digest')
  }
  return validate(failedEndSchema, body, 'END', 'protocol-error')
}

const byeSchema = v.object({ error: v.optional(wireErrorSchema) })

/** Why the peer goes: undefined where it is simply done. */
export function parseBye(payload: Uint8Array): ProtocolError | undefined {
  const { error } = validate(byeSchema, parseJsonPayload(payload), 'BYE', 'protocol-error')
  return error === undefined ? undefined : fromWire(error)
}

/** One line of a listing. */
export function parseEntry(line: string): Entry {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new ProtocolError('protocol-error', 'a line of a listing does not parse', { cause })
  }
  return validate(entrySchema, value, 'entry of a listing', 'protocol-error')
}

/** A wire error as an Error again. */
export function fromWire(error: WireError): ProtocolError {
  return new ProtocolError(error.code, error.message, error.path === undefined ? {} : { path: error.path })
}

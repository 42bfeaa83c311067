import * as v from 'valibot'
import { parseJsonPayload } from '../json.js'
import { ProtocolError, type WireError } from '../protocol-error.js'
import { type AckOf, COMMANDS, type CommandName } from './commands.js'
import { type Entry, entrySchema } from './entry.js'
import { type Executed, executedSchema } from './executed.js'
import { count, digest } from './fields.js'
import { type Found, foundSchema } from './found.js'
import { type Hashed, hashedSchema } from './hashed.js'
import { type Usage, usageSchema } from './usage.js'
import { validate } from './validate.js'
import { wireErrorSchema } from './wire-error.js'

const refusalSchema = v.object({ ok: v.literal(false, 'must be true or false'), error: wireErrorSchema })

/** The end of a body: all bytes were sent, or the reason why they were not. */
export type End =
  | {
      readonly type: 'complete'
      readonly size: number
      readonly digest?: v.InferOutput<typeof digest> | undefined
    }
  | { readonly type: 'failed'; readonly error: WireError }

const completeSchema = v.object({ size: count, digest: v.optional(digest) })

const failedSchema = v.object({ error: wireErrorSchema })

/** The facts in an ACK to `cmd`. Throws the error of a refusal, and `protocol-error` for a malformed ACK. */
export function parseAck<C extends CommandName>(cmd: C, payload: Uint8Array): AckOf<C> {
  const body = parseJsonPayload(payload)
  if (body['ok'] !== true) {
    throw fromWire(validate(refusalSchema, body, `ACK to ${cmd}`, 'protocol-error').error)
  }
  return validate(COMMANDS[cmd].ack, body, `ACK to ${cmd}`, 'protocol-error') as AckOf<C>
}

/** Throws `protocol-error` if the END is malformed. An END with both an error and a size or digest is malformed. */
export function parseEnd(payload: Uint8Array): End {
  const body = parseJsonPayload(payload)
  if (body['error'] === undefined) {
    return { type: 'complete', ...validate(completeSchema, body, 'END', 'protocol-error') }
  }
  if (body['size'] !== undefined || body['digest'] !== undefined) {
    throw new ProtocolError('protocol-error', 'malformed END: it has an error and also a size or a digest')
  }
  return { type: 'failed', ...validate(failedSchema, body, 'END', 'protocol-error') }
}

const byeSchema = v.object({ error: v.optional(wireErrorSchema) })

/** Why the peer ends the session; undefined if it gives no reason. */
export function parseBye(payload: Uint8Array): ProtocolError | undefined {
  const { error } = validate(byeSchema, parseJsonPayload(payload), 'BYE', 'protocol-error')
  return error === undefined ? undefined : fromWire(error)
}

/** Parses one line of the body of `ls`. */
export function parseEntry(line: string): Entry {
  return validate(entrySchema, parseLine(line), 'entry of a listing', 'protocol-error')
}

/** Parses one line of the body of `find`. */
export function parseFound(line: string): Found {
  return validate(foundSchema, parseLine(line), 'entry of a search', 'protocol-error')
}

/** Parses one line of the body of `hash`. */
export function parseHashed(line: string): Hashed {
  return validate(hashedSchema, parseLine(line), 'line of hash', 'protocol-error')
}

/** Parses one line of the body of `exec`. */
export function parseExecuted(line: string): Executed {
  return validate(executedSchema, parseLine(line), 'line of exec', 'protocol-error')
}

/** Parses one line of the body of `du`. */
export function parseUsage(line: string): Usage {
  return validate(usageSchema, parseLine(line), 'line of du', 'protocol-error')
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new ProtocolError('protocol-error', 'malformed listing: a line is not JSON', { cause })
  }
}

/** Turns an error that a peer sent into an Error. */
export function fromWire(error: WireError): ProtocolError {
  const { code, message, path, id } = error
  return new ProtocolError(code, message, { path, id })
}
